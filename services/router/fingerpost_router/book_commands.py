"""`fingerpost status` and `fingerpost reconcile`: how one referral stands, and whether the books balance."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from fingerpost_router.shown_times import in_words, partnership_zone
from fingerpost_shared.contracts.ids import QUARANTINE_PREFIX, is_mistyped_reference, read_reference
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

    It is what 'fingerpost submit' printed. Example: fingerpost status HC-7K3MQ-2XD9F-D
    """
    _check_spelling(reference)

    async def look(ask_one: Ask) -> dict[str, Any] | None:
        return await _status(ask_one, reference)

    found = _asking(data, look)
    if found is None:
        raise CommandFailed(f"No referral here has the reference {reference!r}; it may be of another system, or not be saved yet.", 1)
    if as_json:
        print(json.dumps(found))
    else:
        _show(found, partnership_zone(find_system(data).timezone))


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


def _check_spelling(typed: str) -> None:
    """Raises `CommandFailed` for what is neither an id nor a reference that a referral can have."""
    reference = read_reference(typed)
    if reference and reference.startswith(f"{QUARANTINE_PREFIX}-"):
        raise CommandFailed(
            f"{reference} is in quarantine and no referral yet; the console shows why, to the duty desk, under Quarantine.", 1
        )
    if reference or _is_id(typed):
        return
    if is_mistyped_reference(typed):
        raise CommandFailed(f"{typed!r} has a slip: its last character does not fit the others. Compare it with what submit printed.", 1)
    raise CommandFailed(f"{typed!r} is no reference; it looks like HC-7K3MQ-2XD9F-D, and 'fingerpost submit' prints it.", 1)


def _is_id(typed: str) -> bool:
    try:
        UUID(typed)
    except ValueError:
        return False
    return True


def _show(found: dict[str, Any], zone: ZoneInfo | None = None) -> None:
    console = Console()
    console.print(f"[bold]{found['reference']}[/bold]  {found['status']}  ({', '.join(found['kinds'])})")
    legs = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("destination", "role", "band", "state", "owner", "due"):
        legs.add_column(heading, no_wrap=heading not in ("destination", "owner"))
    for leg in found["legs"]:
        due = in_words(datetime.fromisoformat(leg["due_at"]), zone) if leg["due_at"] else ""
        # as words, so that a narrow terminal breaks lines between them
        destination, owner = leg["destination"].replace("_", " "), (leg["owner"] or "").replace("_", " ")
        legs.add_row(destination, leg["role"], leg["band"], leg["state"], owner, due)
    console.print(legs)
    alerts = Table("alerted", "by", "state", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for alert in found["alerts"]:
        alerts.add_row(alert["agency"], alert["channel"], alert["state"])
    console.print(alerts)


def _show_books(books: Reconciliation) -> None:
    console = Console()
    for name, count in (asdict(books) | {"unaccounted": len(books.unaccounted)}).items():
        if name != "balanced":
            console.print(f"{name:<12}{count:>8,}")
    for identity in books.unaccounted:
        console.print(f"unaccounted: {identity}")
    console.print("The books balance." if books.balanced else "[bold]The books do not balance.[/bold]")
