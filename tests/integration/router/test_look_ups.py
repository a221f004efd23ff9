"""What the router answers from its book: whole lists over pages, reasons by the rules of their day, and the sums."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.look_ups import LookUps
from fingerpost_router.adapters.rule_book import RuleBook, RuleSetText
from fingerpost_router.adapters.tables import legs, publications, rule_sets
from fingerpost_shared.contracts.queries.router import LegsQuery, LegView, QueuesQuery, RouterBooksQuery, RoutingQuery
from tests.integration.router.routing import routing
from tests.unit.router.building import RULES, a_referral, a_rule_set, an_id

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
NEWER_RULES = RULES.replace("ruleset: 1", "ruleset: 2").replace("id: AS-01", "id: AS-09").replace("The Strategy says so", "A newer one")


@pytest.fixture
def look_ups(engine: AsyncEngine, rule_book: RuleBook) -> LookUps:
    return LookUps(engine, rule_book)


async def go_live(engine: AsyncEngine, rule_book: RuleBook, found: RuleSetText, live_from: datetime) -> None:
    """Let another rule set decide what is received from a time on."""
    row = {**rule_book.row(found.rules, found.rules_text, found.facts_text, "an_author"), "findings": []}
    publication = {"seq": 2, "hash": found.rules.hash, "live_from": live_from, "by": "an_author", "published_at": live_from}
    async with engine.begin() as connection:
        await connection.execute(rule_sets.insert().values(row))
        await connection.execute(publications.insert().values(publication))
    await rule_book.hear()


async def a_busy_book(book: Book, engine: AsyncEngine, rule_book: RuleBook, count: int) -> None:
    """Referrals of every kind and band; many came at the very same time, every third leg is owned."""
    kinds = (("asb",), ("domestic_abuse",), ("hate_crime",), ("asb", "domestic_abuse"))
    batch = [
        a_referral(
            f"{number}",
            at=MORNING + timedelta(minutes=number // 7),
            kinds=kinds[number % 4],
            weapon="bladed" if number % 5 == 0 else "none",
        )
        for number in range(count)
    ]
    await routing(book, rule_book, *batch)
    taken = {"state": "acknowledged", "owner": "Sam Sample", "acknowledged_at": MORNING}
    owned = [event.referral_id for number, event in enumerate(batch) if number % 3 == 0]
    async with engine.begin() as connection:
        await connection.execute(update(legs).where(legs.c.referral_id.in_(owned), legs.c.role != "copy").values(**taken))


async def pages(look_ups: LookUps, **wanted: Any) -> list[Sequence[LegView]]:
    found: list[Sequence[LegView]] = []
    query = LegsQuery(**wanted)
    while True:
        page = await look_ups.legs(query)
        found.append(page.legs)
        if page.next_after is None:
            return found
        query = LegsQuery(**wanted, after=page.next_after)


@pytest.mark.parametrize("limit", [1, 7, 50, 200])
@pytest.mark.parametrize("wanted", [{}, {"destination": "matac"}, {"state": "open"}, {"roles": ("copy",)}], ids=str)
async def test_page_by_page_every_leg_comes_once_in_order(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, look_ups: LookUps, limit: int, wanted: dict[str, Any]
) -> None:
    await a_busy_book(book, engine, rule_book, 60)
    async with engine.connect() as connection:
        rows = list(await connection.execute(legs.select()))
    roles = wanted.get("roles", ("lead", "also"))
    there = [row for row in rows if row.role in roles and all(getattr(row, k) == v for k, v in wanted.items() if k != "roles")]

    found = await pages(look_ups, limit=limit, **wanted)

    listed = [leg for page in found for leg in page]
    assert sorted(leg.leg_id for leg in listed) == sorted(row.id for row in there)
    assert all(len(page) == limit for page in found[:-1])
    assert listed == sorted(listed, key=lambda leg: (leg.state != "open", leg.band, leg.received_at, leg.leg_id))


async def test_an_exactly_full_last_page_is_the_last(book: Book, rule_book: RuleBook, look_ups: LookUps) -> None:
    await routing(book, rule_book, *(a_referral(f"{number}") for number in range(4)))

    assert [len(page) for page in await pages(look_ups, limit=2)] == [2, 2]


async def test_what_comes_in_while_somebody_turns_pages_neither_hides_nor_doubles_a_leg(
    book: Book, rule_book: RuleBook, look_ups: LookUps
) -> None:
    await routing(book, rule_book, *(a_referral(f"{number}", at=MORNING + timedelta(minutes=number)) for number in range(6)))
    first = await look_ups.legs(LegsQuery(limit=3))
    await routing(book, rule_book, a_referral("urgent one", weapon="bladed"))

    rest = await look_ups.legs(LegsQuery(limit=10, after=first.next_after))

    assert [leg.referral_id for leg in (*first.legs, *rest.legs)] == [an_id(f"{number}") for number in range(6)]


async def test_a_decision_of_an_older_rule_set_is_explained_by_that_rule_set(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, tmp_path: Path
) -> None:
    await routing(book, rule_book, a_referral("of old", weapon="bladed"))
    await go_live(engine, rule_book, a_rule_set(tmp_path, NEWER_RULES), MORNING + timedelta(days=1))
    await routing(book, rule_book, a_referral("of late", at=MORNING + timedelta(days=1)))
    today = LookUps(engine, rule_book)

    old = (await today.routing(RoutingQuery(referral_id=an_id("of old")))).decision
    late = (await today.routing(RoutingQuery(referral_id=an_id("of late")))).decision

    assert old is not None
    assert late is not None
    assert (old.ruleset, [rule.id for rule in old.fired], old.fired[0].because) == (1, ["AS-01", "WP-01"], "The Strategy says so")
    assert (late.ruleset, [rule.id for rule in late.fired], late.fired[0].because) == (2, ["AS-09"], "A newer one")
    assert old.ruleset_hash == rule_book.at(MORNING).hash != late.ruleset_hash


async def test_every_decision_replays_to_the_same_outcome_from_what_was_kept(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, tmp_path: Path
) -> None:
    await a_busy_book(book, engine, rule_book, 20)
    await go_live(engine, rule_book, a_rule_set(tmp_path, NEWER_RULES), MORNING)
    answers = LookUps(engine, rule_book)

    for number in range(20):
        view = await answers.routing(RoutingQuery(referral_id=an_id(f"{number}")))
        assert view.decision is not None
        again = (await rule_book.rules(view.decision.ruleset_hash)).decide(view.decision.facts)
        assert (again.band, again.tag, again.unrouted) == (view.decision.band, view.decision.tags, view.decision.unrouted)
        assert {again.lead, *again.also, *again.copy} == {leg.destination for leg in view.legs}


async def test_a_referral_nobody_knows_is_not_found(look_ups: LookUps) -> None:
    view = await look_ups.routing(RoutingQuery(referral_id=an_id("nobody's")))

    assert (view.found, view.legs, view.decision) == (False, (), None)


async def test_a_referral_shows_its_newest_decision_and_the_lead_first(book: Book, rule_book: RuleBook, look_ups: LookUps) -> None:
    await routing(book, rule_book, a_referral(version=1, kinds=("domestic_abuse",)))
    await routing(book, rule_book, a_referral(version=2, kinds=("domestic_abuse",), weapon="bladed"))

    view = await look_ups.routing(RoutingQuery(referral_id=an_id("one")))

    assert view.decision is not None
    assert view.decision.version == 2
    assert [(leg.role, leg.destination) for leg in view.legs] == [("lead", "marac"), ("also", "csp_duty_desk"), ("copy", "csp_board")]


async def test_the_books_count_each_referral_once_as_owned_or_waiting_and_name_one_without_legs(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, look_ups: LookUps
) -> None:
    await a_busy_book(book, engine, rule_book, 30)
    async with engine.begin() as connection:
        await connection.execute(delete(legs).where(legs.c.referral_id == an_id("29")))

    sums = await look_ups.books(RouterBooksQuery())

    assert (sums.referrals, sums.owned, sums.waiting, sums.legless) == (30, 10, 19, (an_id("29"),))


async def test_a_copy_nobody_took_does_not_keep_a_referral_waiting(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, look_ups: LookUps
) -> None:
    await routing(book, rule_book, a_referral(kinds=("domestic_abuse",)))
    async with engine.begin() as connection:
        await connection.execute(update(legs).where(legs.c.role == "lead").values(state="acknowledged", owner="Sam Sample"))

    sums = await look_ups.books(RouterBooksQuery())

    assert (sums.owned, sums.waiting) == (1, 0)


async def test_queues_tell_what_waits_by_destination_and_band(
    book: Book, engine: AsyncEngine, rule_book: RuleBook, look_ups: LookUps
) -> None:
    now = datetime.now(UTC)
    await routing(
        book,
        rule_book,
        a_referral("old", at=MORNING, kinds=("domestic_abuse",)),
        a_referral("new", at=now, kinds=("domestic_abuse",)),
        a_referral("urgent", at=now, kinds=("domestic_abuse",), weapon="bladed"),
    )

    queues = {queue.destination: queue for queue in (await look_ups.queues(QueuesQuery())).queues}

    marac = queues["marac"]
    assert (marac.open, marac.owned, marac.overdue, marac.oldest_open_at) == (3, 0, 1, MORNING)
    assert marac.open_by_band == {"P1": 1, "P2": 2}
    assert (queues["csp_board"].open, queues["csp_board"].copies) == (0, 3)
