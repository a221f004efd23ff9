"""What became of the demo's referrals: asked of the services over NATS, and shown as a table."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from rich.box import SIMPLE_HEAD
from rich.table import Table

from fingerpost_local.running import System
from fingerpost_shared.contracts.queries.intake import IntakeBooksQuery, QuarantineItem, QuarantineQuery, RecentReferralsQuery, ReferralView
from fingerpost_shared.contracts.queries.notifier import AlertsPage, AlertsQuery
from fingerpost_shared.contracts.queries.router import RouterBooksQuery, RoutingQuery, RoutingView
from fingerpost_shared.runtime.asking import Unanswered, ask

SETTLE_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """One referral, where it went, and who was told."""

    referral: ReferralView
    routing: RoutingView
    alerts: AlertsPage


@asynccontextmanager
async def operator(system: System) -> AsyncGenerator[Client]:
    """A connection as the operator, who may ask every service."""
    seed = str(system.servers.seeds["operator"])
    client = await nats.connect(system.servers.nats_url, nkeys_seed=seed, inbox_prefix="_INBOX.operator", name="demo")
    try:
        yield client
    finally:
        await client.close()


async def settled(client: Client) -> bool:
    """Wait until everything sent is saved, routed and told. False when it took longer than `SETTLE_SECONDS`."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        if await _is_settled(client):
            return True
        await asyncio.sleep(0.25)
    return False


async def outcomes(client: Client) -> list[Outcome]:
    """Every referral there is, the newest first."""
    referrals: list[ReferralView] = []
    after: str | None = None
    while True:
        page = await ask(client, RecentReferralsQuery(after=after, limit=200))
        referrals += page.referrals
        after = page.next_after
        if after is None:
            return [await _outcome(client, referral) for referral in referrals]


async def quarantined(client: Client) -> tuple[QuarantineItem, ...]:
    """What could not be read or understood, the newest first."""
    return (await ask(client, QuarantineQuery(limit=200))).items


def referral_table(found: list[Outcome]) -> Table:
    """Reference, what it is about, who sent it, who must own it, how urgent it is, and how many were told."""
    table = _table("What became of each referral", "Reference", "About", "From", "Lead", "Band", "Told")
    for one in reversed(found):
        lead = next((leg for leg in one.routing.legs if leg.role == "lead"), None)
        sent = sum(alert.state == "sent" for alert in one.alerts.alerts)
        table.add_row(
            one.referral.reference,
            _in_words(", ".join(one.referral.kinds)),
            _in_words(one.referral.agency or ""),
            _in_words(lead.destination) if lead else "(none yet)",
            lead.band if lead else "",
            f"{sent} of {len(one.alerts.alerts)}",
        )
    return table


def quarantine_table(items: tuple[QuarantineItem, ...]) -> Table:
    """What nobody could read, and why: a person mends it in the console or its sender sends it again."""
    table = _table("What could not be read, and why", "Quarantine", "From", "Reason")
    for item in reversed(items):
        reasons = "; ".join(f"{reason.pointer or 'the whole'}: {reason.code}" for reason in item.reasons)
        table.add_row(item.reference, _in_words(item.agency), reasons)
    return table


def _in_words(ids: str) -> str:
    """Ids as words, so that a narrow terminal breaks lines between them."""
    return ids.replace("_", " ")


def _table(title: str, first: str, *others: str) -> Table:
    """The first column is what a reader copies, so it is never cut; the others fold where the terminal is narrow.

    Little padding, so that 80 signs are enough for each column's longest word.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, overflow="fold")
    return table


async def _is_settled(client: Client) -> bool:
    try:
        intake = await ask(client, IntakeBooksQuery())
        router = await ask(client, RouterBooksQuery())
        alerts = await ask(client, AlertsQuery(limit=1))
    except Unanswered:
        return False
    under_way = alerts.counts.get("queued", 0) + alerts.counts.get("sending", 0)
    is_routed = router.referrals == intake.referrals and not router.legless
    return intake.pending == 0 and is_routed and under_way == 0 and bool(alerts.counts)


async def _outcome(client: Client, referral: ReferralView) -> Outcome:
    assert referral.referral_id is not None
    routing, alerts = await asyncio.gather(
        ask(client, RoutingQuery(referral_id=referral.referral_id)),
        ask(client, AlertsQuery(referral_id=referral.referral_id, limit=200)),
    )
    return Outcome(referral, routing, alerts)
