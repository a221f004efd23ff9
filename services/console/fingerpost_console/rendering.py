"""Makes the template environment: autoescape is always on, GOV.UK's macros stand beside the console's own pages."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader

from fingerpost_console.adapters.assets import Asset
from fingerpost_console.domain import filters, names, queues, reasons, rule_changes

VENDORED = "govuk_frontend_jinja"
BASE_TEMPLATE = f"{VENDORED}/template.html"
WORDS: Mapping[str, Any] = {
    "bands_of": queues.bands,
    "shows": filters.SHOWS,
    "band_words": names.BAND_WORDS,
    "role_words": names.ROLE_WORDS,
    "alert_words": names.ALERT_WORDS,
    "part_words": names.PART_WORDS,
    "change_words": rule_changes.CHANGE_WORDS,
    "content_words": names.CONTENT_WORDS,
}
FILTERS: Mapping[str, Callable[..., str]] = {
    "words": names.in_words,
    "reason": reasons.reason_in_words,
    "failure": reasons.failure_in_words,
}


def make_templates(assets: Mapping[str, Asset], partnership: str) -> Environment:
    """The pages' templates, with the words of `domain` as globals and filters."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("fingerpost_console"), PrefixLoader({VENDORED: PackageLoader(VENDORED)})]),
        autoescape=True,
        # GOV.UK's macros read parameters that were not given
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast("dict[str, Any]", environment.globals).update(WORDS, assets=assets, partnership=partnership)
    cast("dict[str, Any]", environment.filters).update(FILTERS)
    return environment


def source_of(environment: Environment, template: str) -> str:
    """The text of a template."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, template)[0]
