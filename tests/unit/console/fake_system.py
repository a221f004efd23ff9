"""The rest of the system in memory: it answers the console's questions from invented referrals, and carries out acknowledgements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid5

from fingerpost_console.domain.asking import CaughtMail, Submitted, Unanswered
from fingerpost_console.domain.people import Viewer
from fingerpost_shared.contracts.actions import ActionAnswered, LegState
from fingerpost_shared.contracts.events import ActionSubmitted, FactValue, Reason, Role, RulesetSubmitted
from fingerpost_shared.contracts.ids import alert_id, leg_id, reference_of
from fingerpost_shared.contracts.queries.digests import Bucket, DigestAnswer, DigestQuery
from fingerpost_shared.contracts.queries.intake import (
    FreshAnswer,
    FreshQuery,
    IntakeBooks,
    IntakeBooksQuery,
    QuarantineItem,
    QuarantinePage,
    QuarantineQuery,
    ReferralQuery,
    ReferralView,
)
from fingerpost_shared.contracts.queries.notifier import AlertsPage, AlertsQuery, AlertView
from fingerpost_shared.contracts.queries.query import A, Query
from fingerpost_shared.contracts.queries.router import (
    DecisionView,
    FiredRule,
    LegsPage,
    LegsQuery,
    LegView,
    QueuesPage,
    QueuesQuery,
    QueueView,
    RouterBooks,
    RouterBooksQuery,
    RoutingQuery,
    RoutingView,
)
from fingerpost_shared.contracts.queries.rule_sets import RuleSetQuery, RuleSetsQuery, RuleSetTextQuery
from tests.unit.console.fake_rules import FakeRules

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
_PEOPLE = UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class FakeSystem:
    """Fill it with `refer`, `alert` and `quarantine`; name a service in `silent` and it stops answering."""

    now: datetime = NOW
    referrals: list[ReferralView] = field(default_factory=list[ReferralView])
    legs: dict[UUID, LegView] = field(default_factory=dict[UUID, LegView])
    decisions: dict[UUID, DecisionView] = field(default_factory=dict[UUID, DecisionView])
    alerts: list[AlertView] = field(default_factory=list[AlertView])
    quarantined: list[QuarantineItem] = field(default_factory=list[QuarantineItem])
    mail: list[CaughtMail] = field(default_factory=list[CaughtMail])
    silent: set[str] = field(default_factory=set[str])
    submitted: list[tuple[Submitted, Viewer]] = field(default_factory=list[tuple[Submitted, Viewer]])
    answered: dict[UUID, ActionAnswered] = field(default_factory=dict[UUID, ActionAnswered])
    lost: int = 0
    owned_elsewhere: int = 0

    def __post_init__(self) -> None:
        self.rules = FakeRules(self.now)

    def refer(
        self,
        to: str = "domestic_abuse_subgroup",
        *,
        band: str = "P2",
        hours_ago: float = 3.0,
        due_in_hours: float = 20.0,
        owner: str | None = None,
        owned_for_hours: float = 1.0,
        kinds: tuple[str, ...] = ("domestic_abuse",),
        agency: str = "police",
        also: Sequence[str] = (),
        copies: Sequence[str] = (),
        facts: dict[str, FactValue] | None = None,
        fired: tuple[FiredRule, ...] = (),
        tags: tuple[str, ...] = (),
        ruleset_hash: str = "4f1c9a02e7b3d6588a",
    ) -> ReferralView:
        """A referral with a lead leg, and others; `owner` has the lead leg already.

        `facts` are as the router has them: those that are unknown are not there, for intake leaves them out.
        """
        referral_id = uuid5(_PEOPLE, str(len(self.referrals)))
        received_at = self.now - timedelta(hours=hours_ago)
        view = ReferralView(
            found=True,
            referral_id=referral_id,
            reference=reference_of(referral_id, "MV"),
            status="received",
            kinds=kinds,
            agency=agency,
            version=1,
            received_at=received_at,
        )
        self.referrals.append(view)
        roles: list[tuple[str, Role]] = [(to, "lead"), *((id, "also") for id in also), *((id, "copy") for id in copies)]
        for destination, role in roles:
            self._add_leg(view, destination, role, band, self.now + timedelta(hours=due_in_hours))
        if owner:
            lead = self.legs[leg_id(referral_id, to)]
            acknowledged_at = self.now - timedelta(hours=owned_for_hours)
            self.legs[lead.leg_id] = lead.model_copy(
                update={"state": "acknowledged", "owner": owner, "version": 2, "acknowledged_at": acknowledged_at}
            )
        self.decisions[referral_id] = DecisionView(
            version=1,
            decided_at=received_at + timedelta(seconds=1),
            ruleset=7,
            ruleset_hash=ruleset_hash,
            facts=facts or {"kinds": kinds, "dash_ticks": 9, "weapon": "none"},
            fired=fired,
            overridden=(),
            band=band,
            tags=tags,
            unrouted=False,
            lead=to,
        )
        return view

    def alert(self, referral: ReferralView, agency: str, **changes: Any) -> AlertView:
        """An alert about a referral's lead leg, sent unless `changes` say otherwise."""
        lead = next(leg for leg in self.legs.values() if leg.referral_id == referral.referral_id and leg.role == "lead")
        view = AlertView(
            alert_id=alert_id(lead.leg_id, agency),
            leg_id=lead.leg_id,
            reference=lead.reference,
            agency=agency,
            channel="email",
            band=lead.band,
            state="sent",
            attempts=1,
            queued_at=lead.received_at,
            sent_at=lead.received_at + timedelta(seconds=2),
            failure=None,
        )
        self.alerts.append(view.model_copy(update=changes))
        return self.alerts[-1]

    def quarantine(self, *reasons: Reason, agency: str = "council", hours_ago: float = 2.0) -> QuarantineItem:
        """Something in quarantine for these reasons."""
        id = uuid5(_PEOPLE, f"quarantine/{len(self.quarantined)}")
        item = QuarantineItem(
            quarantine_id=id,
            reference=reference_of(id, "Q"),
            agency=agency,
            content_type="text/csv",
            size_bytes=2048,
            state="open",
            reasons=reasons,
            received_at=self.now - timedelta(hours=hours_ago),
        )
        self.quarantined.append(item)
        return item

    def leg_of(self, referral: ReferralView, destination: str) -> LegView:
        """A referral's leg as it stands now."""
        assert referral.referral_id is not None
        return self.legs[leg_id(referral.referral_id, destination)]

    async def ask(self, query: Query[A], service: str = "") -> A:
        """Answer a question as its service would."""
        service = service or query.subject.split(".")[1]
        if service in self.silent:
            raise Unanswered(service)
        answers: dict[type[Any], Any] = {
            QueuesQuery: self._queues,
            LegsQuery: self._legs_page,
            RoutingQuery: self._routing,
            ReferralQuery: self._referral,
            AlertsQuery: self._alerts_page,
            QuarantineQuery: self._quarantine_page,
            IntakeBooksQuery: self._intake_books,
            DigestQuery: partial(self._digest, service=service),
            FreshQuery: lambda _query: FreshAnswer(fresh=()),
            RouterBooksQuery: self._router_books,
            RuleSetsQuery: self.rules.page,
            RuleSetQuery: self.rules.detail,
            RuleSetTextQuery: self.rules.text,
        }
        return cast("A", answers[type(query)](query))

    async def act(self, action: Submitted, viewer: Viewer) -> ActionAnswered:
        """Acknowledge, approve or publish as the router would: once per action id, in nobody's name but the first's."""
        if "router" in self.silent:
            raise Unanswered("router")
        self.submitted.append((action, viewer))
        if action.action_id not in self.answered:
            answer = self.rules.step(action) if isinstance(action, RulesetSubmitted) else self._acknowledge(action)
            self.answered[action.action_id] = answer
        return self.answered[action.action_id]

    async def newest(self) -> Sequence[CaughtMail]:
        """The mail that was caught."""
        if "mail catcher" in self.silent:
            raise Unanswered("mail catcher")
        return self.mail

    def _acknowledge(self, action: ActionSubmitted) -> ActionAnswered:
        leg = self.legs[action.leg_id]
        if leg.state != "open":
            help = "It is acknowledged already: look at its owner before you do anything."
            state = LegState(id=leg.leg_id, state=leg.state, version=leg.version, owner=leg.owner, due_at=leg.due_at)
            return ActionAnswered(action_id=action.action_id, result="refused", code="already_owned", help=help, leg=state)
        changes = {"state": "acknowledged", "owner": action.by, "version": leg.version + 1, "acknowledged_at": self.now}
        taken = self.legs[leg.leg_id] = leg.model_copy(update=changes)
        state = LegState(id=taken.leg_id, state="acknowledged", version=taken.version, owner=taken.owner, due_at=taken.due_at)
        return ActionAnswered(action_id=action.action_id, result="done", code="acknowledged", help="", leg=state)

    def _add_leg(self, referral: ReferralView, destination: str, role: Role, band: str, due_at: datetime) -> None:
        assert referral.referral_id
        assert referral.reference
        assert referral.received_at
        leg = LegView(
            leg_id=leg_id(referral.referral_id, destination),
            referral_id=referral.referral_id,
            reference=referral.reference,
            destination=destination,
            role=role,
            band=band,
            state="open",
            version=1,
            owner=None,
            received_at=referral.received_at,
            due_at=None if role == "copy" else due_at,
            acknowledged_at=None,
        )
        self.legs[leg.leg_id] = leg

    def _queues(self, _query: QueuesQuery) -> QueuesPage:
        destinations = dict.fromkeys(leg.destination for leg in self.legs.values())
        return QueuesPage(queues=tuple(self._figures(destination) for destination in destinations))

    def _figures(self, destination: str) -> QueueView:
        every = [leg for leg in self.legs.values() if leg.destination == destination]
        open_legs = [leg for leg in every if leg.state == "open" and leg.role != "copy"]
        by_band: dict[str, int] = {}
        for leg in open_legs:
            by_band[leg.band] = by_band.get(leg.band, 0) + 1
        return QueueView(
            destination=destination,
            open=len(open_legs),
            owned=sum(leg.state == "acknowledged" for leg in every),
            copies=sum(leg.role == "copy" for leg in every),
            overdue=sum(leg.due_at is not None and leg.due_at <= self.now for leg in open_legs),
            oldest_open_at=min((leg.received_at for leg in open_legs), default=None),
            open_by_band=by_band,
        )

    def _legs_page(self, query: LegsQuery) -> LegsPage:
        fitting = [
            leg
            for leg in self.legs.values()
            if query.destination in (None, leg.destination) and query.state in (None, leg.state) and leg.role in query.roles
        ]
        fitting.sort(key=_place)
        page, last = _page([leg.leg_id for leg in fitting], query.after, query.limit)
        state, band, received_at, id = _place(fitting[last]) if last else (0, "", self.now, None)
        after = f"{state}/{band}/{received_at.isoformat()}/{id}" if id else None
        return LegsPage(legs=tuple(fitting[page]), next_after=after)

    def _routing(self, query: RoutingQuery) -> RoutingView:
        legs = tuple(leg for leg in self.legs.values() if leg.referral_id == query.referral_id)
        decision = self.decisions.get(query.referral_id)
        return RoutingView(found=bool(legs), referral_id=query.referral_id, legs=legs, decision=decision)

    def _referral(self, query: ReferralQuery) -> ReferralView:
        return next((view for view in self.referrals if view.reference == query.reference), ReferralView(found=False))

    def _alerts_page(self, query: AlertsQuery) -> AlertsPage:
        legs = {leg.leg_id for leg in self.legs.values() if query.referral_id in (None, leg.referral_id)}
        fitting = [alert for alert in self.alerts if alert.leg_id in legs and query.state in (None, alert.state)]
        counts: dict[str, int] = {}
        for alert in self.alerts:
            counts[alert.state] = counts.get(alert.state, 0) + 1
        page, last = _page([alert.alert_id for alert in fitting], query.after, query.limit)
        after = f"{fitting[last].queued_at.isoformat()}/{fitting[last].alert_id}" if last else None
        return AlertsPage(alerts=tuple(fitting[page]), counts=counts, next_after=after)

    def _quarantine_page(self, _query: QuarantineQuery) -> QuarantinePage:
        return QuarantinePage(items=tuple(self.quarantined), open=sum(item.state == "open" for item in self.quarantined), next_after=None)

    def _intake_books(self, _query: IntakeBooksQuery) -> IntakeBooks:
        return IntakeBooks(
            referrals=len(self.referrals) + self.lost + self.owned_elsewhere,
            quarantined=len(self.quarantined),
            discarded=0,
            withdrawn=0,
            fresh=0,
            pending=0,
            outcomes={"accepted": len(self.referrals), "duplicate": 2, "quarantined": len(self.quarantined)},
        )

    def _digest(self, query: DigestQuery, service: str) -> DigestAnswer:
        """Of the book of referrals only; all of them came in one minute."""
        entries = [f"{referral.referral_id}/1" for referral in self.referrals] if query.book == "referrals" else []
        if service == "intake":
            entries += [f"{UUID(int=number)}/1" for number in range(self.lost)]
        if query.step == "ids":
            return DigestAnswer(ids=tuple(sorted(entry for entry in entries if entry > query.after)))
        return DigestAnswer(buckets=(Bucket(start=datetime(2026, 3, 2, tzinfo=UTC), count=len(entries), xor=0),))

    def _router_books(self, _query: RouterBooksQuery) -> RouterBooks:
        waiting = {leg.referral_id for leg in self.legs.values() if leg.state == "open" and leg.role != "copy"}
        total = len(self.referrals) + self.owned_elsewhere
        return RouterBooks(referrals=total, owned=total - len(waiting), waiting=len(waiting), legless=())


def _place(leg: LegView) -> tuple[int, str, datetime, UUID]:
    """Where the router puts a leg among others."""
    return ("open", "acknowledged", "closed").index(leg.state), leg.band, leg.received_at, leg.leg_id


def _page(ids: list[UUID], after: str | None, limit: int) -> tuple[slice, int | None]:
    """Which rows come after this place, and the last of them where more follow."""
    start = ids.index(UUID(after.split("/")[-1])) + 1 if after else 0
    end = start + limit
    return slice(start, end), end - 1 if end < len(ids) else None
