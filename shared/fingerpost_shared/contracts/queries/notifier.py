"""What the notifier answers: alerts, and how their delivery stands."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from fingerpost_shared.contracts.queries.pages import After, Limit
from fingerpost_shared.contracts.queries.query import Query, Value

AlertState = Literal["queued", "sending", "sent", "failed"]


class AlertView(Value):
    """An alert to an agency, and how its delivery stands."""

    alert_id: UUID
    leg_id: UUID
    reference: str
    agency: str
    channel: str
    band: str
    state: AlertState
    attempts: int
    queued_at: AwareDatetime
    sent_at: AwareDatetime | None
    failure: str | None


class AlertsPage(Value):
    alerts: tuple[AlertView, ...]
    counts: dict[str, int] = Field(description="of all alerts, by state")
    next_after: str | None


class AlertsQuery(Query[AlertsPage], subject="query.notifier.alerts.v1", answer=AlertsPage):
    """The alerts of one referral, or all of them, newest first; `state` narrows."""

    referral_id: UUID | None = None
    state: AlertState | None = None
    after: After | None = None
    limit: Limit = 50
