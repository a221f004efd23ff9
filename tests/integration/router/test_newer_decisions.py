"""An update and a re-decision of one referral, on the real PostgreSQL: together or one after the other, nothing that either asks for is
lost, and each is decided by the set that was in force for it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters import redeciding
from fingerpost_router.adapters.book import Book, Transaction
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import legs
from tests.integration.router.redeciding import Rules, ago
from tests.integration.router.routing import legs_in, routing
from tests.support.live import eventually
from tests.unit.router.building import RULES, a_referral

OF_AS_01 = "then: {lead: matac, band: P4, alert: [council]}"
WITHOUT_P4 = RULES.replace(", P4: 10d}", "}")
WITH_P5 = RULES.replace("P4: 10d}", "P4: 10d, P5: 20d}").replace(OF_AS_01, "then: {lead: marac, band: P5, alert: [council]}")
WITH_THE_DUTY_DESK = RULES.replace(OF_AS_01, "then: {lead: matac, band: P3, also: [csp_duty_desk], alert: [council]}")
WITH_HATE_CRIME = RULES.replace(
    "- id: AS-01",
    """- id: HC-01
  title: Hate crime is urgent at MARAC
  when: {kinds: has hate_crime}
  then: {lead: marac, band: P1, alert: [police]}
  because: Somebody may be hurt
- id: AS-01""",
)
A_BLADE_ALSO_TO_MARAC = RULES.replace("also: [csp_duty_desk]", "also: [csp_duty_desk, marac]")


class Held:
    """Something that has begun and goes on when it is let."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def here(self) -> None:
        self.begun.set()
        await self.go_on.wait()


@asynccontextmanager
async def while_held(held: Held, first: Any, engine: AsyncEngine, second: Any) -> AsyncIterator[tuple[Any, Any]]:
    """Start the second within the first's transaction; both are done when the block is entered."""
    one = asyncio.create_task(first)
    await asyncio.wait_for(held.begun.wait(), 20)
    other = asyncio.create_task(second)
    await _waits_for_a_lock(engine)
    held.go_on.set()
    yield await asyncio.wait_for(one, 20), await asyncio.wait_for(other, 20)


async def _waits_for_a_lock(engine: AsyncEngine) -> None:
    async def waits() -> bool:
        async with engine.connect() as connection:
            return (await connection.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted")).first() is not None

    await eventually(waits)


async def test_what_an_update_asks_for_that_comes_within_a_redecision_is_not_lost(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, held, update_leg = ago(hours=3), Held(), redeciding.update_leg
    await routing(book, rule_book, a_referral(at=at))
    await rules.publish(2, "P4", ago(hours=1), WITH_THE_DUTY_DESK)

    async def slowly(connection: Any, leg: Any) -> None:
        await held.here()
        await update_leg(connection, leg)

    monkeypatch.setattr(redeciding, "update_leg", slowly)
    update = routing(book, rule_book, a_referral(version=2, at=at, weapon="bladed"))
    async with while_held(held, rules.redecide_now(), engine, update) as (answer, _):
        pass

    assert answer.rule_set.redecided == 1
    desk = (await legs_in(engine))["csp_duty_desk"]
    assert (desk.band, desk.lane, desk.routed_version) == ("P1", "urgent", 2)


async def test_what_a_redecision_asks_for_that_comes_within_an_update_is_not_lost(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, held, save = ago(hours=3), Held(), Transaction.save
    await routing(book, rule_book, a_referral(at=at, kinds=("hate_crime",)))
    await rules.publish(2, "P4", ago(hours=1), WITH_HATE_CRIME)

    async def slowly(self: Transaction, *args: Any) -> None:
        await held.here()
        await save(self, *args)

    monkeypatch.setattr(Transaction, "save", slowly)
    update = routing(book, rule_book, a_referral(version=2, at=at, kinds=("hate_crime", "domestic_abuse")))
    async with while_held(held, update, engine, rules.redecide_now()) as (_, answer):
        pass

    assert answer.rule_set.redecided == 1
    marac = (await legs_in(engine))["marac"]
    assert (marac.role, marac.band, marac.lane, marac.routed_version) == ("lead", "P1", "urgent", 2)


async def test_a_redecision_goes_by_the_facts_of_an_update_that_came_after_it_was_read(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, locked_versions = ago(hours=3), redeciding.locked_versions
    await routing(book, rule_book, a_referral(at=at))
    await rules.publish(2, "P3", ago(hours=1), A_BLADE_ALSO_TO_MARAC)

    async def after_an_update(connection: Any, identities: Any) -> Any:
        await routing(book, rule_book, a_referral(version=2, at=at, weapon="bladed"))
        return await locked_versions(connection, identities)

    monkeypatch.setattr(redeciding, "locked_versions", after_an_update)
    await rules.redecide_now()

    assert {name: leg.band for name, leg in (await legs_in(engine)).items()} == {"matac": "P1", "csp_duty_desk": "P1", "marac": "P1"}


async def test_updates_and_redecisions_of_many_referrals_at_once_never_dead_lock(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    at, names = ago(hours=3), [str(number) for number in range(60)]
    await routing(book, rule_book, *(a_referral(name, at=at) for name in names))
    newer = await rules.publish(2, "P3", ago(hours=1))
    updates = [[a_referral(name, version=v, at=at, weapon="bladed") for name in names[::step]] for v, step in ((2, 1), (3, -1), (4, 2))]

    await asyncio.gather(
        *(routing(book, rule_book, *batch) for batch in updates), *(rules.redeciding.run(newer, 2, ago(hours=0)) for _ in range(3))
    )
    await rules.redeciding.run(newer, 2, ago(hours=0))

    assert (await rules.redeciding.plan(newer)).moves == 0
    async with engine.connect() as connection:
        bands = [row.band for row in await connection.execute(select(legs.c.band))]
    assert bands == ["P1"] * 120  # each at MATAC and at the duty desk


async def test_a_redecision_by_a_set_without_a_band_that_is_held_is_done(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    await routing(book, rule_book, a_referral())
    await rules.publish(2, "P3", ago(hours=1), WITHOUT_P4)

    answer = await rules.redecide_now()

    assert answer.result == "done"
    assert (await legs_in(engine))["matac"].band == "P3"


async def test_an_update_by_a_set_without_a_band_that_is_held_is_routed(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    at = ago(hours=3)
    await routing(book, rule_book, a_referral(at=at))
    await rules.publish(2, "P4", ago(hours=2), WITH_P5)
    await rules.redecide_now()
    await rules.publish(3, "P4", ago(hours=1))

    await routing(book, rule_book, a_referral(version=2, at=at, updated_at=ago(minutes=1), kinds=("asb", "domestic_abuse")))

    held = await legs_in(engine)
    assert {name: held[name].band for name in ("marac", "matac")} == {"marac": "P2", "matac": "P2"}


async def test_an_update_that_came_after_a_redecision_is_decided_by_the_set_in_force_by_then(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    at = ago(hours=3)
    await routing(book, rule_book, a_referral(at=at))
    newer = await rules.publish(2, "P3", ago(hours=1), A_BLADE_ALSO_TO_MARAC)
    await rules.redecide_now()

    await routing(book, rule_book, a_referral(version=2, at=at, updated_at=ago(minutes=1), weapon="bladed"))

    assert set(await legs_in(engine)) == {"matac", "csp_duty_desk", "marac"}
    assert (await rules.redeciding.plan(newer)).decided == 0


async def test_an_update_that_came_before_a_set_was_in_force_is_decided_by_the_one_before_it(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    at = ago(hours=3)
    await routing(book, rule_book, a_referral(at=at))
    await rules.publish(2, "P3", ago(hours=1), A_BLADE_ALSO_TO_MARAC)

    await routing(book, rule_book, a_referral(version=2, at=at, updated_at=ago(hours=2), weapon="bladed"))

    assert set(await legs_in(engine)) == {"matac", "csp_duty_desk"}


async def test_a_leg_that_an_update_adds_long_after_receipt_is_not_overdue_at_birth(
    book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    at = ago(days=6)
    await routing(book, rule_book, a_referral(at=at))

    await routing(book, rule_book, a_referral(version=2, at=at, updated_at=ago(minutes=1), weapon="bladed"))

    desk = (await legs_in(engine))["csp_duty_desk"]
    assert desk.due_at == desk.routed_at + timedelta(hours=24)
    assert desk.due_at > datetime.now(UTC)
    assert desk.received_at == at


async def test_a_leg_that_a_redecision_adds_long_after_receipt_is_not_overdue_at_birth(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    await routing(book, rule_book, a_referral(at=ago(days=30)))
    await rules.publish(2, "P4", ago(hours=1), WITH_THE_DUTY_DESK)

    await rules.redecide_now()

    desk = (await legs_in(engine))["csp_duty_desk"]
    assert desk.due_at is not None
    assert desk.due_at > datetime.now(UTC)


async def test_a_redecision_tells_of_those_that_it_decided_and_not_of_an_earlier_one_for_the_same_publication(
    rules: Rules, book: Book, rule_book: RuleBook
) -> None:
    at = ago(hours=3)
    await routing(book, rule_book, a_referral("early", at=at))
    await rules.publish(2, "P3", ago(hours=1))
    first = await rules.redecide_now()
    await routing(book, rule_book, a_referral("late", at=at))

    second = await rules.redecide_now()

    assert [answer.rule_set and answer.rule_set.redecided for answer in (first, second)] == [1, 1]
