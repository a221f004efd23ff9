"""The notifier's use cases: alert who a leg says is to be alerted, and tell what became of it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fingerpost_notifier.domain.alerts import alerts_of
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import AlertFailed, AlertSent, LegRouted

if TYPE_CHECKING:
    from fingerpost_notifier.adapters.book import Book
    from fingerpost_notifier.adapters.sender import Sender

EMAIL = "email"


async def alert(
    batch: Sequence[Received[LegRouted]], book: "Book", senders: Sequence["Sender"], wake: Callable[[], None]
) -> list[Envelope]:
    """Save one alert for each leg and agency, once. A sender whose line is open and free sends it now; else one is woken to see to it."""
    legs = [received.event for received in batch]
    wanted = [alert for leg in legs for alert in alerts_of(leg, EMAIL)]
    free = next((sender for sender in senders if sender.is_free), None)
    if free is not None:
        await free.send_new(legs, wanted)
    elif await book.queue(legs, wanted, is_claimed=False):
        wake()
    return []


async def announce_ended(book: "Book", publish: Callable[[Sequence[Envelope]], Any]) -> None:
    """Publish what became of ended alerts, each until JetStream has it."""
    while rows := await book.unannounced():
        await publish([_ended_event(row) for row in rows])
        await book.mark_announced([row.id for row in rows])


def _ended_event(row: Any) -> Envelope:
    common = {
        "leg_id": row.leg_id,
        "referral_id": row.referral_id,
        "reference": row.reference,
        "agency": row.agency,
        "channel": row.channel,
    }
    event: AlertSent | AlertFailed
    if row.state == "sent":
        event = AlertSent(alert_id=row.id, attempt=row.attempts, sent_at=row.ended_at, **common)
    else:
        event = AlertFailed(alert_id=row.id, attempt=row.attempts, code=row.failure, failed_at=row.ended_at, **common)
    return Envelope(event, ids.event_id(row.id, event.subject, f"{row.id}/{row.attempts}"), row.ended_at)
