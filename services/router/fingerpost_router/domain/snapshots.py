"""A referral as the router knows it, and the decision on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from fingerpost_rules import Decision
from fingerpost_shared.contracts.events import FactValue, ReferralReceived, ReferralUpdated
from fingerpost_shared.contracts.values import value

Snapshot = ReferralReceived | ReferralUpdated  # an update carries the whole new version, so that neither has to wait for the other


def arrived_at(snapshot: Snapshot) -> datetime:
    """When this version arrived."""
    return snapshot.updated_at if isinstance(snapshot, ReferralUpdated) else snapshot.received_at


@value
class Decided:
    """A decision with the facts as they were, repeat counts frozen: all that a replay needs, with the rule set's text (I10).

    `strange` names the facts that the rule set could not read: it took what it does not know of them as unknown.
    """

    id: UUID
    snapshot: Snapshot
    facts: Mapping[str, FactValue]
    decision: Decision
    ruleset_hash: str
    decided_at: datetime
    strange: Sequence[str] = ()


def newest(batch: Sequence[Snapshot]) -> list[Snapshot]:
    """Of each referral its newest version in the batch, by time of arrival: the order in which repeats are counted."""
    by_id: dict[UUID, Snapshot] = {}
    for snapshot in batch:
        held = by_id.get(snapshot.referral_id)
        if held is None or held.version < snapshot.version:
            by_id[snapshot.referral_id] = snapshot
    return sorted(by_id.values(), key=lambda snapshot: (snapshot.received_at, snapshot.referral_id))
