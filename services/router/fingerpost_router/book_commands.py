"""`fingerpost status` and `fingerpost reconcile`: how one referral stands, and whether the books balance."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from fingerpost_shared.contracts.queries.intake import ReferralQuery, ReferralView
from fingerpost_shared.contracts.queries.notifier import AlertsQuery, AlertView
from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.contracts.queries.router import LegView, RoutingQuery
from fingerpost_shared.runtime.asking import Refused, Unanswered, ask
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.found_system import DataOption, find_system
from fingerpost_shared.runtime.reconciling import Reconciliation, settled

app = typer.Typer()
T = TypeVar("T")
Ask = Callable[..., Awaitable[Any]]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON and nothing else.")]


@app.command("status")
def show_status(reference: str, data: DataOption = None, as_json: AsJson = False) -> None:
    """Show how a referral stands: its legs, who owns them, and the alerts. Any spelling of the reference will do.

    Example: fingerpost status HC-7K3MQ-2XD9F-W
    """

    async def look(ask_one: Ask) -> dict[str, Any] | None:
        return await _status(ask_one, reference)

    found = _asking(data, look)
    if found is None:
        raise CommandFailed(f"No referral has the reference {reference!r}; check it, its last character would show a slip.", 1)
    if as_json:
        print(json.dumps(found))
    else:
        _show(found)


@app.command("reconcile")
def show_books(data: DataOption = None, as_json: AsJson = False) -> None:
    """Say whether the books balance, and name every id that is in one book and not in the next. Exit 1 when they do not.

    Example: fingerpost reconcile --json
    """
    books = _asking(data, settled)
    if as_json:
        print(json.dumps(asdict(books)))
    else:
        _show_books(books)
    if not books.balanced:
        raise typer.Exit(1)


async def _status(ask_one: Ask, reference: str) -> dict[str, Any] | None:
    referral: ReferralView = await ask_one(ReferralQuery(reference=reference))
    if not referral.found or referral.referral_id is None:
        return None
    routing = await ask_one(RoutingQuery(referral_id=referral.referral_id))
    alerts = await ask_one(AlertsQuery(referral_id=referral.referral_id, limit=200))
    return {
        "reference": referral.reference,
        "status": _overall(referral, routing.legs),
        "kinds": list(referral.kinds),
        "legs": [_leg(leg) for leg in routing.legs],
        "alerts": [_alert(alert) for alert in alerts.alerts],
    }


def _overall(referral: ReferralView, legs: Sequence[LegView]) -> str:
    clocked = [leg for leg in legs if leg.role != "copy"]
    if referral.status == "withdrawn":
        return "withdrawn"
    if not clocked:
        return "received"
    return "routed" if any(leg.state == "open" for leg in clocked) else "owned"


def _leg(leg: LegView) -> dict[str, Any]:
    due_at = leg.due_at.isoformat() if leg.due_at else None
    shown = {name: getattr(leg, name) for name in ("destination", "role", "band", "state", "owner")}
    return {**shown, "due_at": due_at, "meeting_on": None}


def _alert(alert: AlertView) -> dict[str, str]:
    return {"agency": alert.agency, "channel": alert.channel, "state": alert.state}


def _asking(data: Any, look: Callable[[Ask], Awaitable[T]]) -> T:
    system = find_system(data)

    async def run() -> T:
        async with system.operator() as client:

            async def ask_one(query: Query[Any], service: str = "") -> Any:
                return await ask(client, query, service)

            return await look(ask_one)

    try:
        return asyncio.run(run())
    except (Unanswered, Refused) as error:
        raise CommandFailed(f"{error}. Look at /readyz of that service.") from None


def _show(found: dict[str, Any]) -> None:
    console = Console()
    console.print(f"[bold]{found['reference']}[/bold]  {found['status']}  ({', '.join(found['kinds'])})")
    legs = Table("destination", "role", "band", "state", "owner", "due")
    for leg in found["legs"]:
        legs.add_row(leg["destination"], leg["role"], leg["band"], leg["state"], leg["owner"] or "", leg["due_at"] or "")
    console.print(legs)
    alerts = Table("alerted", "by", "state")
    for alert in found["alerts"]:
        alerts.add_row(alert["agency"], alert["channel"], alert["state"])
    console.print(alerts)


def _show_books(books: Reconciliation) -> None:
    console = Console()
    table = Table("received", "owned", "waiting", "quarantined", "withdrawn", "unaccounted", "pending", "discarded")
    counts = (books.received, books.owned, books.waiting, books.quarantined, books.withdrawn, len(books.unaccounted))
    table.add_row(*map(str, (*counts, books.pending, books.discarded)))
    console.print(table)
    for identity in books.unaccounted:
        console.print(f"unaccounted: {identity}")
    console.print("The books balance." if books.balanced else "[bold]The books do not balance.[/bold]")
