"""Wires the console together."""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import FastAPI, HTTPException, Response

from fingerpost_console.adapters.actions import NatsActions, now_utc
from fingerpost_console.adapters.assets import Asset, read_assets
from fingerpost_console.adapters.comparing import compare
from fingerpost_console.adapters.fact_labels import read_fact_labels, read_may_be_unknown
from fingerpost_console.adapters.mail import MailCatcher
from fingerpost_console.adapters.questions import NatsQuestions
from fingerpost_console.adapters.rule_texts import read_rules
from fingerpost_console.domain.asking import Acts, Asks, CatchesMail
from fingerpost_console.domain.names import Names
from fingerpost_console.faults import add_faults
from fingerpost_console.handlers import deliveries, freshness, operations, quarantine, queue, referral, rule_sets, search, sign_in, today
from fingerpost_console.headers import SecurityHeaders, SmallForms, content_security_policy, inline_scripts
from fingerpost_console.rendering import BASE_TEMPLATE, make_templates, source_of
from fingerpost_console.settings import ConsoleSettings
from fingerpost_console.site import Site
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.runtime.service import Service

PAGES = (today, queue, referral, search, freshness, quarantine, deliveries, operations, rule_sets, sign_in)


class NotForProduction(RuntimeError):
    """The console has only its development sign-in, which anybody could use to be anybody."""


def create_app(settings: ConsoleSettings) -> Service:
    """The console as a service. Raises `NotForProduction` unless the settings say that this is a demo."""
    refuse_production(settings)
    service = Service("console", settings)
    actions = NatsActions(service, settings.key("console-assertion"))
    mail = MailCatcher(settings.mail_catcher_url) if settings.mail_catcher_url else None
    add_pages(service.http, settings, NatsQuestions(service), actions, mail)
    return service


def add_pages(
    http: FastAPI, settings: ConsoleSettings, asks: Asks, acts: Acts, mail: CatchesMail | None, now: Callable[[], datetime] = now_utc
) -> None:
    """Give an application the console's pages, whoever answers its questions."""
    directory = read_directory(settings.partnership_dir / "directory.yaml")
    facts_file = settings.partnership_dir / "facts.yaml"
    assets = read_assets()
    templates = make_templates(assets, directory.partnership.name)
    http.state.site = Site(
        directory=directory,
        names=Names(directory, read_fact_labels(facts_file)),
        may_be_unknown=read_may_be_unknown(facts_file),
        asks=asks,
        acts=acts,
        mail=mail,
        templates=templates,
        session_key=settings.key("console-session"),
        limits=settings.session_limits,
        read_rules=read_rules,
        compare=compare,
        now=now,
    )
    for page in PAGES:
        http.include_router(page.router, include_in_schema=False)
    add_files(http, assets)
    add_faults(http)
    http.add_middleware(SmallForms)
    http.add_middleware(SecurityHeaders, policy=content_security_policy(inline_scripts(source_of(templates, BASE_TEMPLATE))))


def add_files(http: FastAPI, assets: Mapping[str, Asset]) -> None:
    """Serve the static files. Their addresses change with their content, so browsers may keep them for ever."""
    by_url = {asset.url: asset for asset in assets.values()}

    @http.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        asset = by_url.get(f"/static/{name}")
        if asset is None:
            raise HTTPException(404)
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def refuse_production(settings: ConsoleSettings) -> None:
    """Raises `NotForProduction` where the development sign-in must not be."""
    if settings.environment != "demo":
        raise NotForProduction(
            "the console has only its development sign-in, by which anybody can be anybody, so it starts in a demo alone: "
            "set FINGERPOST_ENVIRONMENT=demo, and never put it before real referrals"
        )
