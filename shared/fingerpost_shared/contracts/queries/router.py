"""What the router answers about its book: queues, legs, why a referral came where it is, and its sums."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter

from fingerpost_shared.contracts.events import Band, FactValue, Role
from fingerpost_shared.contracts.queries.pages import Limit
from fingerpost_shared.contracts.queries.query import Query, Value

LegStatus = Literal["open", "acknowledged", "closed"]

_PLACE = TypeAdapter[tuple[int, str, datetime, UUID]](tuple[Annotated[int, Field(ge=0, le=2)], Band, AwareDatetime, UUID])


def read_leg_place(after: str) -> tuple[int, str, datetime, UUID]:
    """Where a leg is among others: the place of its state, its band, when it came, its id. Raises `ValueError`."""
    return _PLACE.validate_python(tuple(after.split("/")))


def _is_leg_place(after: str) -> str:
    read_leg_place(after)
    return after


AfterLeg = Annotated[str, Field(max_length=120, description="the `next_after` of the page before"), AfterValidator(_is_leg_place)]


class LegView(Value):
    """A leg as its destination's queue shows it."""

    leg_id: UUID
    referral_id: UUID
    reference: str
    destination: str
    role: Role
    band: str
    state: LegStatus
    version: int
    owner: str | None
    received_at: AwareDatetime
    due_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None


class QueueView(Value):
    """One destination's queue in figures. Copies have no clock and are counted apart."""

    destination: str
    open: int
    owned: int
    copies: int
    overdue: int
    oldest_open_at: AwareDatetime | None
    open_by_band: dict[str, int]


class QueuesPage(Value):
    queues: tuple[QueueView, ...]


class QueuesQuery(Query[QueuesPage], subject="query.router.queues.v1", answer=QueuesPage):
    """Every destination's queue in figures."""


class LegsPage(Value):
    legs: tuple[LegView, ...]
    next_after: str | None = Field(description="pass it as `after` for the next page; null on the last")


class LegsQuery(Query[LegsPage], subject="query.router.legs.v1", answer=LegsPage):
    """The legs of a destination, or of all: open ones first, then acknowledged ones; in each the most urgent band, then the oldest."""

    destination: str | None = None
    state: LegStatus | None = None
    roles: tuple[Role, ...] = ("lead", "also")
    after: AfterLeg | None = None
    limit: Limit = 50


class FiredRule(Value):
    """A rule that fired, why it exists, and what it gave (`lead: matac`, `band: P3`, …)."""

    id: str
    title: str
    because: str
    gave: tuple[str, ...]


class DecisionView(Value):
    """Why a referral went where it went: the facts as they were, and the rules that fired on them."""

    version: int
    decided_at: AwareDatetime
    ruleset: int
    ruleset_hash: str
    facts: dict[str, FactValue]
    fired: tuple[FiredRule, ...]
    overridden: tuple[str, ...]
    band: str
    tags: tuple[str, ...]
    unrouted: bool
    lead: str | None = None


class RoutingView(Value):
    """A referral's legs, and the decision in force."""

    found: bool
    referral_id: UUID | None = None
    reference: str | None = None
    legs: tuple[LegView, ...] = ()
    decision: DecisionView | None = None


class RoutingQuery(Query[RoutingView], subject="query.router.routing.v1", answer=RoutingView):
    """What the router knows of a referral, by its id."""

    referral_id: UUID


class RouterBooks(Value):
    """The router's sums, by referral: `owned` where every lead and also leg is closed or held by a person, else `waiting`."""

    referrals: int
    owned: int
    waiting: int
    legless: tuple[UUID, ...] = Field(description="referrals without a leg: there must be none")


class RouterBooksQuery(Query[RouterBooks], subject="query.router.books.v1", answer=RouterBooks):
    """How the router's book stands, some referrals left out."""

    without: Annotated[tuple[UUID, ...], Field(max_length=4000)] = ()
