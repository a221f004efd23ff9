"""The rules of a set as a coordinator reads them: for what, what they give, and why; ids by their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fingerpost_console.domain.facts import gave_in_words, limit_in_words
from fingerpost_console.domain.names import Names, lower_words
from fingerpost_rules import RuleSet
from fingerpost_rules.cells import Cell
from fingerpost_rules.facts import Facts
from fingerpost_rules.rows import Then


@dataclass(frozen=True)
class RuleInWords:
    """A rule. It applies where all of `always` holds and, where there are alternatives, one of them."""

    id: str
    title: str
    always: tuple[str, ...]
    alternatives: tuple[str, ...]
    gives: tuple[str, ...]
    overrides: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class RulesInWords:
    """The rules of a set, its bands with their limits, and what becomes of a referral for which no rule names a lead."""

    rules: tuple[RuleInWords, ...]
    bands: tuple[tuple[str, str], ...]
    unrouted: tuple[str, ...]


def rules_in_words(rule_set: RuleSet, names: Names) -> RulesInWords:
    """All rules, in the order of their file."""
    return RulesInWords(
        tuple(
            RuleInWords(
                rule.id,
                rule.title,
                tuple(_conditions(rule.condition.always, rule_set.facts)),
                tuple(", and ".join(_conditions(cells, rule_set.facts)) for cells in rule.condition.alternatives),
                tuple(_gives(rule.then, names)),
                rule.overrides,
                rule.because,
            )
            for rule in rule_set.rules
        ),
        tuple((band, limit_in_words(str(limit))) for band, limit in rule_set.bands.items()),
        tuple(_gives(Then(lead=rule_set.unrouted_lead, band=rule_set.unrouted_band), names)),
    )


def _conditions(cells: Mapping[int, Cell], facts: Facts) -> Iterable[str]:
    """Each cell with its fact's label, as its coordinator wrote it: `Kinds of referral: has domestic abuse`."""
    return (f"{facts.facts[place].label}: {lower_words(cell.text)}" for place, cell in cells.items())


def _gives(then: Then, names: Names) -> Iterable[str]:
    bands = (then.band,) if then.band else ()
    lists = {"lead": then.leads, "band": bands, "also": then.also, "copy": then.copy, "alert": then.alert, "tag": then.tag}
    for part, ids in lists.items():
        if ids:
            yield gave_in_words(f"{part}: {', '.join(ids)}", names)
    if then.within:
        yield gave_in_words(f"within: {then.within}", names)
    if then.feedback:
        yield gave_in_words(f"feedback: {then.feedback}", names)
