"""What intake answers without opening the vault: referrals, the quarantine, and its sums."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from fingerpost_shared.contracts.events import Reason
from fingerpost_shared.contracts.queries.pages import After, Limit
from fingerpost_shared.contracts.queries.query import Query, Value


class ReferralView(Value):
    """What intake tells of a referral without opening the vault."""

    found: bool
    referral_id: UUID | None = None
    reference: str | None = None
    status: Literal["received", "withdrawn"] | None = None
    kinds: tuple[str, ...] = ()
    agency: str | None = None
    version: int | None = None
    received_at: AwareDatetime | None = None


class ReferralQuery(Query[ReferralView], subject="query.intake.referral.v1", answer=ReferralView):
    """A referral by its short reference (in any spelling) or its id."""

    reference: str


class RecentReferralsPage(Value):
    referrals: tuple[ReferralView, ...]
    next_after: str | None


class RecentReferralsQuery(Query[RecentReferralsPage], subject="query.intake.recent.v1", answer=RecentReferralsPage):
    """The referrals, newest first."""

    after: After | None = None
    limit: Limit = 50


class QuarantineItem(Value):
    """Something that could not be read or understood. Its content stays in the vault."""

    quarantine_id: UUID
    reference: str
    agency: str
    content_type: str
    size_bytes: int
    state: Literal["open", "discarded", "resubmitted"]
    reasons: tuple[Reason, ...]
    received_at: AwareDatetime


class QuarantinePage(Value):
    items: tuple[QuarantineItem, ...]
    open: int
    next_after: str | None


class QuarantineQuery(Query[QuarantinePage], subject="query.intake.quarantine.v1", answer=QuarantinePage):
    """What is in quarantine, newest first."""

    after: After | None = None
    limit: Limit = 50


class IntakeBooks(Value):
    """Intake's sums. `received` counts referrals; the outcomes count accepted submissions."""

    referrals: int
    quarantined: int
    discarded: int
    withdrawn: int
    withdrawn_ids: tuple[UUID, ...] = Field(default=(), description="the referrals that their sender has withdrawn, in pages of 4,000")
    fresh: int = Field(description="referrals saved under 60 s ago")
    pending: int = Field(description="accepted submissions that are not saved yet")
    outcomes: dict[str, int]


class IntakeBooksQuery(Query[IntakeBooks], subject="query.intake.books.v1", answer=IntakeBooks):
    """How intake's book stands."""

    withdrawn_after: UUID | None = Field(default=None, description="of the withdrawn ids those after this one, the page's last")


class FreshAnswer(Value):
    fresh: tuple[UUID, ...]


class FreshQuery(Query[FreshAnswer], subject="query.intake.fresh.v1", answer=FreshAnswer):
    """Which of these referrals intake has saved so lately (under 60 s ago) that nobody need have them yet."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=2000)]
