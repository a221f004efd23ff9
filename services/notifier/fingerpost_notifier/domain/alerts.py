"""An alert's life: queued, sending, then sent, or failed after its last attempt. A mail server that is away uses up no attempt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.contracts.values import value


@value
class Alert:
    """One agency to tell of one leg: there is one row of it, whatever is delivered twice."""

    id: UUID
    leg_id: UUID
    referral_id: UUID
    reference: str
    agency: str
    channel: str
    lane: str
    band: str
    attempts: int
    server_faults: int = 0  # of the attempts: those that the mail server itself let fail


@value
class Sent:
    """The channel has taken it."""


@value
class Postponed:
    """It did not get through, and will be tried again at a time.

    `is_by_server`: the mail server itself let it fail, which uses up no attempt. `may_be_sent`: the server may have taken it all the same,
    so that the next attempt may be a second e-mail: those are bounded.
    """

    next_at: datetime
    code: str
    is_by_server: bool = False
    may_be_sent: bool = False


@value
class Failed:
    """It did not get through, and will not be tried again: somebody must tell the agency another way."""

    code: str


Result = Sent | Postponed | Failed


@value
class Ended:
    """What became of an alert for good, and when."""

    alert: Alert
    result: Sent | Failed
    at: datetime


def alerts_of(leg: LegRouted, channel: str) -> list[Alert]:
    """The alerts that a routed leg asks for, each at its first attempt."""
    return [
        Alert(
            id=ids.alert_id(leg.leg_id, agency),
            leg_id=leg.leg_id,
            referral_id=leg.referral_id,
            reference=leg.reference,
            agency=agency,
            channel=channel,
            lane=leg.lane,
            band=leg.band,
            attempts=1,
        )
        for agency in leg.alert
    ]


def after_failure(
    attempts: int, code: str, now: datetime, retry_seconds: Sequence[float], *, is_final: bool, may_be_sent: bool = False
) -> Postponed | Failed:
    """What follows an attempt that this e-mail's own refusal let fail, or that may have sent it: another one after a growing pause, until
    none is left.
    """
    if is_final or attempts > len(retry_seconds):
        return Failed(code)
    return Postponed(now + timedelta(seconds=retry_seconds[attempts - 1]), code, may_be_sent=may_be_sent)


def after_server_fault(server_faults: int, code: str, now: datetime, retry_seconds: Sequence[float]) -> Postponed:
    """What follows an attempt that the mail server let fail, after so many of these: another one after a growing pause, and after the
    last pause each time again, for as long as it takes. There has to be one pause at least.
    """
    pause = retry_seconds[min(server_faults, len(retry_seconds) - 1)]
    return Postponed(now + timedelta(seconds=pause), code, is_by_server=True)
