"""Wires the router: decides referrals by the partnership's rules, lets people act on legs, and answers why."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from fingerpost_router.adapters.action_book import ActionBook
from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.look_ups import LookUps
from fingerpost_router.adapters.mending import legs_again, router_digest
from fingerpost_router.adapters.rule_book import RuleShelf, read_rule_book
from fingerpost_router.domain.calendar import Calendar
from fingerpost_router.handlers import act_on_leg, refuse_malformed, route, routed_event
from fingerpost_router.settings import RouterSettings
from fingerpost_shared.contracts import queries
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import LANES, ActionSubmitted, ReferralReceived, ReferralUpdated
from fingerpost_shared.runtime.mending import INTERVAL_SECONDS, Mender
from fingerpost_shared.runtime.service import Service


def create_app(settings: RouterSettings) -> Service:
    """The router, ready to serve. Raises where the rules, the directory or a key cannot be read."""
    service = Service("router", settings)
    partnership = read_directory(settings.partnership_dir / "directory.yaml").partnership
    calendar = Calendar(ZoneInfo(partnership.timezone), frozenset(partnership.bank_holidays))
    rule_book = read_rule_book(settings.partnership_dir)
    book = Book(service.database)
    look_ups = LookUps(service.database, RuleShelf(service.database, rule_book))
    mine = partial(router_digest, engine=service.database, pending=service.pending)
    decide = partial(route, book=book, rule_book=rule_book, calendar=calendar)

    service.before_consuming(partial(book.keep_rule_set, rule_book))
    service.consume(ReferralReceived, decide, stream="REFERRALS", lanes=LANES)
    service.consume(ReferralUpdated, decide, stream="REFERRALS", lanes=LANES)
    service.consume(
        ActionSubmitted,
        partial(act_on_leg, book=ActionBook(service.database), assertions=Assertions(settings.key("console-assertion"))),
        stream="ACTIONS",
        refuse=refuse_malformed,
    )
    service.answer(queries.QueuesQuery, look_ups.queues)
    service.answer(queries.LegsQuery, look_ups.legs)
    service.answer(queries.RoutingQuery, look_ups.routing)
    service.answer(queries.RouterBooksQuery, look_ups.books)
    service.answer(queries.DigestQuery, mine)

    async def lost_legs(entries: Sequence[str]) -> list[Envelope]:
        return [routed_event(leg) for leg in await legs_again(entries, service.database)]

    service.every(INTERVAL_SECONDS, Mender(service, "legs", "notifier", mine, lost_legs).mend)
    return service
