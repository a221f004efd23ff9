"""The notifier's use cases: alert who a leg says is to be alerted, and tell what became of it."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from fingerpost_notifier.domain.alerts import Ended, Sent, alerts_of
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import AlertFailed, AlertSent, LegRouted

if TYPE_CHECKING:
    from fingerpost_notifier.adapters.book import Book
    from fingerpost_notifier.adapters.sender import Sender

EMAIL = "email"


async def alert_agencies(
    batch: Sequence[Received[LegRouted]], book: "Book", senders: Sequence["Sender"], wake: Callable[[], None]
) -> list[Envelope]:
    """Save one alert for each leg and agency, once. A sender with a quick line sends it now, where there is one; else one is woken.

    What is not sent yet has lane and band of its leg's newest version. Given the same batch again (a redelivery), returns the same events
    of what has ended.
    """
    legs = sorted([received.event for received in batch], key=attrgetter("version"))
    wanted = [alert for leg in legs for alert in alerts_of(leg, EMAIL)]
    untold = {alert.id for alert in wanted}
    lines = sorted((sender for sender in senders if sender.takes_new), key=lambda sender: not sender.is_free)
    ended = await lines[0].send_new(legs, wanted) if lines else None
    if ended is not None:
        untold -= {each.alert.id for each in ended}
    elif new := await book.queue(legs, wanted, is_claimed=False):
        untold -= {alert.id for alert in new}
        wake()
    if legs[-1].version > 1 and await book.revise([leg for leg in legs if leg.version > 1]):
        wake()
    earlier = await book.ended(untold) if untold else []
    return [ended_event(each) for each in (*(ended or ()), *earlier)]


async def announce_ended(book: "Book", publish: Callable[[Sequence[Envelope]], Any]) -> None:
    """Publish what became of ended alerts, each until JetStream has it."""
    while ended := await book.unannounced():
        await publish([ended_event(each) for each in ended])
        await book.mark_announced([each.alert.id for each in ended])


def ended_event(ended: Ended) -> Envelope:
    """The event of what became of an alert, the same whenever it is asked for again."""
    alert, at = ended.alert, ended.at
    about = {"alert_id": alert.id, "leg_id": alert.leg_id, "referral_id": alert.referral_id, "reference": alert.reference}
    common: dict[str, Any] = {**about, "agency": alert.agency, "channel": alert.channel, "attempt": alert.attempts}
    event: AlertSent | AlertFailed
    if isinstance(ended.result, Sent):
        event = AlertSent(sent_at=at, **common)
    else:
        event = AlertFailed(code=ended.result.code, failed_at=at, **common)
    return Envelope(event, ids.event_id(alert.id, event.subject, f"{alert.id}/{alert.attempts}"), at)
