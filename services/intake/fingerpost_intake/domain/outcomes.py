"""Tells an exact resend, an update, a withdrawal and a new referral apart (I5). A repeat about the same people is always new."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from fingerpost_intake.domain.facts import MOST_AHEAD
from fingerpost_intake.domain.normalising import Normalised
from fingerpost_shared.contracts.values import value

LEAST_AHEAD = timedelta(minutes=5)
Outcome = Literal["referral", "resend", "update", "outdated", "withdrawal", "quarantine"]


@value
class Known:
    """What is saved of a referral: its newest version, when that or a withdrawal arrived, and the hashes of all its contents."""

    version: int
    sender_updated_at: datetime | None
    content_hashes: Set[bytes]
    received_at: datetime
    changed_at: datetime


@value
class Saved:
    """What became of one entry of a submission. `version` is the referral's after it; 0 for a quarantine item."""

    cause: UUID
    row: int
    outcome: Outcome
    subject_id: UUID
    version: int


def outcome_of(incoming: Normalised, known: Known | None, arrived_at: datetime) -> Outcome:
    """What a referral that arrived then is, given what is known under its id.

    The same content again is a resend, whenever. Other content is an update, but one that is older than what is held is outdated:
    recorded, and nothing changes.
    """
    if known is None:
        return "referral"
    if incoming.content_hash in known.content_hashes:
        return "resend"
    if _is_older(incoming, known, arrived_at):
        return "outdated"
    return "withdrawal" if incoming.is_withdrawn else "update"


def after(outcome: Outcome, incoming: Normalised, known: Known | None, arrived_at: datetime) -> Known:
    """What is known once the outcome is saved. A withdrawal is no new version: the legs stay until a person closes them."""
    if known is None:
        return Known(1, incoming.sender_updated_at, {incoming.content_hash}, arrived_at, arrived_at)
    hashes = known.content_hashes | {incoming.content_hash}
    if outcome not in ("update", "withdrawal"):
        return replace(known, content_hashes=hashes)
    version = known.version + (outcome == "update")
    dated = incoming.sender_updated_at or known.sender_updated_at
    return replace(known, version=version, sender_updated_at=dated, content_hashes=hashes, changed_at=arrived_at)


def _is_older(incoming: Normalised, known: Known, arrived_at: datetime) -> bool:
    """By its sender's dates where both have one, else by arrival, which the lanes and redelivery do not keep in order.

    Beside one that is not, a date that is ahead counts as the arrival: a clock that was ahead, or local time sent as UTC, must not hold off
    what comes after it was mended. While both are ahead, the sender's own order is right.
    """
    own, held = incoming.sender_updated_at, known.sender_updated_at
    if own and held:
        if not (_is_ahead(own, arrived_at) and _is_ahead(held, known.changed_at)):
            own, held = min(own, arrived_at), min(held, known.changed_at)
        if own != held:
            return own < held
    return arrived_at < known.changed_at


def _is_ahead(dated: datetime, arrived_at: datetime) -> bool:
    """By more than clocks differ that are right, and by less than a mistyped date."""
    return LEAST_AHEAD < dated - arrived_at <= MOST_AHEAD
