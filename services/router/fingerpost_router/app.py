"""Wires the router: decides referrals by the partnership's rules, lets people act on legs, and answers why."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from fingerpost_router.adapters.action_book import ActionBook
from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.look_ups import LookUps
from fingerpost_router.adapters.mending import legs_again, router_digest
from fingerpost_router.adapters.redeciding import Redeciding
from fingerpost_router.adapters.rule_action_book import RuleActionBook
from fingerpost_router.adapters.rule_book import RuleBook, read_folder
from fingerpost_router.adapters.rule_look_ups import RuleLookUps
from fingerpost_router.adapters.telling import Telling
from fingerpost_router.domain.calendar import Calendar
from fingerpost_router.handlers import act_on_leg, refuse_malformed, route, routed_event
from fingerpost_router.rule_handlers import step_rule_set
from fingerpost_router.settings import RouterSettings
from fingerpost_rules import read_names
from fingerpost_shared.contracts.directory import Directory, read_directory
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import LANES, ActionSubmitted, ReferralReceived, ReferralUpdated, RulesetSubmitted
from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.contracts.queries.router import LegsQuery, QueuesQuery, RouterBooksQuery, RoutingQuery
from fingerpost_shared.contracts.queries.rule_sets import RedecisionPlan, RedecisionPlanQuery, RuleSetQuery, RuleSetsQuery, RuleSetTextQuery
from fingerpost_shared.runtime.mending import INTERVAL_SECONDS, Mender
from fingerpost_shared.runtime.service import Service

HEAR_SECONDS = 3.0  # much shorter than the notice that a publication gives


def create_app(settings: RouterSettings) -> Service:
    """The router, ready to serve. Raises where the rules, the directory or a key cannot be read."""
    service = Service("router", settings)
    directory = read_directory(settings.partnership_dir / "directory.yaml")
    partnership = directory.partnership
    calendar = Calendar(ZoneInfo(partnership.timezone), frozenset(partnership.bank_holidays))
    rule_book = RuleBook(service.database, read_names(settings.partnership_dir / "directory.yaml"), calendar.timezone)
    telling = Telling(service.name)
    assertions = Assertions(settings.key("console-assertion"))

    service.before_consuming(partial(rule_book.begin, read_folder(settings.partnership_dir)))
    decide = partial(route, book=Book(service.database), rule_book=rule_book, calendar=calendar, tell=telling.decided)
    service.consume(ReferralReceived, decide, stream="REFERRALS", lanes=LANES)
    service.consume(ReferralUpdated, decide, stream="REFERRALS", lanes=LANES)
    act = partial(act_on_leg, book=ActionBook(service.database), assertions=assertions)
    service.consume(ActionSubmitted, act, stream="ACTIONS", refuse=refuse_malformed)

    look_ups = LookUps(service.database, rule_book)
    service.answer(QueuesQuery, look_ups.queues)
    service.answer(LegsQuery, look_ups.legs)
    service.answer(RoutingQuery, look_ups.routing)
    service.answer(RouterBooksQuery, look_ups.books)
    _add_rule_sets(service, directory, rule_book, Redeciding(service.database, calendar, telling), assertions)
    _add_mending(service)
    return service


def _add_rule_sets(service: Service, directory: Directory, rule_book: RuleBook, redeciding: Redeciding, assertions: Assertions) -> None:
    """The life of rule sets: the steps that coordinators take, and what they read."""

    def roles(person: str) -> frozenset[str]:
        return frozenset(directory.people[person].roles) if person in directory.people else frozenset()

    async def plan(_query: RedecisionPlanQuery) -> RedecisionPlan:
        return await redeciding.plan(rule_book.at(datetime.now(UTC)))

    steps = partial(
        step_rule_set,
        book=RuleActionBook(service.database),
        rule_book=rule_book,
        redeciding=redeciding,
        assertions=assertions,
        roles=roles,
    )
    look_ups = RuleLookUps(service.database)
    service.consume(RulesetSubmitted, steps, stream="ACTIONS")
    service.every(HEAR_SECONDS, rule_book.hear)
    service.answer(RedecisionPlanQuery, plan)
    service.answer(RuleSetsQuery, look_ups.rule_sets)
    service.answer(RuleSetQuery, look_ups.rule_set)
    service.answer(RuleSetTextQuery, look_ups.text)


def _add_mending(service: Service) -> None:
    """The comparison of the router's books with its neighbours'."""

    async def lost_legs(entries: Sequence[str]) -> list[Envelope]:
        return [routed_event(leg) for leg in await legs_again(entries, service.database)]

    mine = partial(router_digest, engine=service.database, progress=partial(service.progress, "REFERRALS"))
    service.answer(DigestQuery, mine)
    service.every(INTERVAL_SECONDS, Mender(service, "legs", "notifier", mine, lost_legs).mend)
