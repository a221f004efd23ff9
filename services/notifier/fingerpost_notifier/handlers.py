"""The notifier's use cases: queue the alerts that a leg asks for, and tell what became of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fingerpost_notifier.domain.alerts import alerts_of
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import AlertFailed, AlertSent, Lane, LegRouted

if TYPE_CHECKING:
    from fingerpost_notifier.adapters.book import Book

EMAIL = "email"


async def queue_alerts(batch: Sequence[Received[LegRouted]], book: "Book", wake: Callable[[Lane], None]) -> list[Envelope]:
    """Save one alert for each leg and agency, once; a sender of the lane is woken."""
    legs = [received.event for received in batch]
    await book.queue(legs, [alert for leg in legs for alert in alerts_of(leg, EMAIL)])
    lanes: set[Lane] = {leg.lane for leg in legs if leg.alert}
    for lane in lanes:
        wake(lane)
    return []


async def announce_ended(book: "Book", publish: Callable[[Sequence[Envelope]], Any]) -> None:
    """Publish what became of ended alerts, each until JetStream has it."""
    while rows := await book.unannounced():
        await publish([_ended_event(row) for row in rows])
        await book.mark_announced([row.id for row in rows])


def _ended_event(row: Any) -> Envelope:
    common = {name: getattr(row, name) for name in ("leg_id", "referral_id", "reference", "agency", "channel")}
    event: AlertSent | AlertFailed
    if row.state == "sent":
        event = AlertSent(alert_id=row.id, attempt=row.attempts, sent_at=row.ended_at, **common)
    else:
        event = AlertFailed(alert_id=row.id, attempt=row.attempts, code=row.failure, failed_at=row.ended_at, **common)
    return Envelope(event, ids.event_id(row.id, event.subject, f"{row.id}/{row.attempts}"), row.ended_at)
