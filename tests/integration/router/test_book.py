"""The router's book under redelivery, reordering and replicas: each version is decided once, each repeat is counted once."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.mending import router_digest
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.domain.snapshots import Snapshot
from fingerpost_shared.contracts.events import ReferralUpdated
from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.runtime.digests import Progress
from tests.integration.router.routing import encoded, repeats_by_version, routing, sizes
from tests.unit.router.building import a_referral, a_token, an_id

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALEX = a_token("alex")


def about_alex(number: int, *, at: datetime | None = None) -> Snapshot:
    return a_referral(f"alex {number}", at=at or MORNING + timedelta(minutes=number), tokens=(ALEX,))


async def test_eight_replicas_that_meet_one_person_at_once_count_each_repeat_once(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    await asyncio.gather(*(routing(book, rule_book, about_alex(number)) for number in range(8)))

    assert sorted((await repeats_by_version(engine)).values()) == list(range(8))


async def test_batches_that_share_tokens_in_opposite_order_never_dead_lock(book: Book, engine: AsyncEngine, rule_book: RuleBook) -> None:
    random = Random(7)
    tokens = [a_token(f"place {number}", "place") for number in range(6)]
    batches: list[list[Snapshot]] = []
    for number in range(12):
        batch = [a_referral(f"{number}/{place}", at=MORNING, tokens=tuple(random.sample(tokens, 4))) for place in range(8)]
        random.shuffle(batch)
        batches.append(batch)

    await asyncio.gather(*(routing(book, rule_book, *batch) for batch in batches))

    counted = await repeats_by_version(engine)
    assert len(counted) == 96
    for token in tokens:  # what was counted for a place is at most what is known of it, and somebody was its first
        having = [counted[s.referral_id, 1] for batch in batches for s in batch if token in s.tokens]
        assert max(having) >= min(len(having) - 1, 50)


async def test_replicas_that_get_the_same_batch_at_once_decide_it_once_and_tell_the_same(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    batch = [about_alex(number) for number in range(6)]

    told = await asyncio.gather(*(routing(book, rule_book, *Random(seed).sample(batch, 6)) for seed in range(6)))

    assert len({tuple(encoded(events)) for events in told}) == 1
    assert sorted((await repeats_by_version(engine)).values()) == list(range(6))


async def test_a_redelivered_batch_brings_the_same_messages_byte_for_byte_and_adds_no_row(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    batch = [about_alex(1), about_alex(2), a_referral("knife", weapon="bladed", at=MORNING.replace(microsecond=123456))]
    first = await routing(book, rule_book, *batch)
    after_first = await sizes(engine)

    again = await routing(book, rule_book, *reversed(batch))

    assert encoded(again) == encoded(first)
    assert {event.id for event in again} == {event.id for event in first}
    assert await sizes(engine) == after_first


async def test_part_of_a_batch_again_with_something_new_tells_of_both(book: Book, rule_book: RuleBook) -> None:
    first = await routing(book, rule_book, about_alex(1))

    both = await routing(book, rule_book, about_alex(1), about_alex(2))

    assert set(encoded(first)) < set(encoded(both))
    assert {event.event.about for event in both} == {an_id("alex 1"), an_id("alex 2")}


async def test_a_newer_version_before_the_older_one_is_what_counts(book: Book, engine: AsyncEngine, rule_book: RuleBook) -> None:
    newer = await routing(book, rule_book, a_referral(version=2, weapon="bladed"))
    before = await sizes(engine)

    older = await routing(book, rule_book, a_referral(version=1))

    assert {event.event.destination for event in newer} == {"matac", "csp_duty_desk"}  # pyright: ignore[reportAttributeAccessIssue]
    assert older == []
    assert await sizes(engine) == before


async def test_an_update_adds_legs_and_strengthens_those_that_are_there(book: Book, rule_book: RuleBook) -> None:
    (plain,) = await routing(book, rule_book, a_referral(version=1))

    graver = await routing(book, rule_book, a_referral(version=2, weapon="bladed"))

    changed = {event.event.destination: event.event for event in graver}  # pyright: ignore[reportAttributeAccessIssue]
    assert set(changed) == {"matac", "csp_duty_desk"}
    assert changed["matac"].leg_id == plain.event.leg_id  # pyright: ignore[reportAttributeAccessIssue]
    assert (changed["matac"].version, changed["matac"].band, changed["matac"].lane) == (2, "P1", "urgent")
    assert changed["matac"].alert == ("council", "police")


async def test_a_redelivered_update_tells_the_same_as_the_first_time(book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral(version=1))
    first = await routing(book, rule_book, a_referral(version=2, weapon="bladed"))

    assert encoded(await routing(book, rule_book, a_referral(version=2, weapon="bladed"))) == encoded(first)


async def test_an_update_of_a_known_referral_is_one_repeat_for_who_comes_after_it_in_the_batch(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    await routing(book, rule_book, about_alex(1))
    update = a_referral("alex 1", version=2, at=MORNING + timedelta(minutes=1), tokens=(ALEX,), weapon="bladed")

    await routing(book, rule_book, update, about_alex(2))

    counted = await repeats_by_version(engine)
    assert counted[an_id("alex 1"), 2] == 0
    assert counted[an_id("alex 2"), 1] == 1


async def test_a_token_that_only_the_update_shows_counts_for_who_comes_after_it(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    await routing(book, rule_book, a_referral("known", at=MORNING))
    update = a_referral("known", version=2, at=MORNING, tokens=(ALEX,))

    await routing(book, rule_book, update, about_alex(2))

    assert (await repeats_by_version(engine))[an_id("alex 2"), 1] == 1


async def test_more_sightings_than_the_facts_file_counts_are_its_most(book: Book, engine: AsyncEngine, rule_book: RuleBook) -> None:
    for start in range(0, 120, 40):
        await routing(book, rule_book, *(about_alex(number) for number in range(start, start + 40)))

    assert max((await repeats_by_version(engine)).values()) == 50


def alex_updated(at: datetime) -> ReferralUpdated:
    """The second version of the first referral about Alex."""
    return ReferralUpdated(updated_at=at, **about_alex(1).model_dump(exclude={"version"}), version=2)


async def entries_between(engine: AsyncEngine, start: datetime, end: datetime) -> tuple[str, ...]:
    """What the router's book of referrals has between two times, as intake asks for it."""

    async def progress() -> Progress:
        return Progress(0, 0, 0)

    return (await router_digest(DigestQuery(book="referrals", start=start, end=end, step="ids"), engine, progress)).ids


async def test_in_the_books_a_referral_stands_at_the_time_of_its_newest_version(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    much_later = MORNING + timedelta(days=30)
    await routing(book, rule_book, about_alex(1))
    update = alex_updated(much_later)
    await routing(book, rule_book, update)
    entry = f"{an_id('alex 1')}/2"

    assert await entries_between(engine, MORNING, MORNING + timedelta(days=1)) == ()
    assert await entries_between(engine, much_later, much_later + timedelta(days=1)) == (entry,)


async def test_a_version_that_stands_at_another_time_is_put_right_when_it_is_told_again(
    book: Book, engine: AsyncEngine, rule_book: RuleBook
) -> None:
    update = alex_updated(MORNING + timedelta(days=30))
    first = await routing(book, rule_book, update)
    async with engine.begin() as connection:  # as the migration leaves it
        await connection.exec_driver_sql("UPDATE referrals SET updated_at = received_at")

    again = await routing(book, rule_book, update)

    assert encoded(again) == encoded(first)
    assert await entries_between(engine, update.updated_at, update.updated_at + timedelta(seconds=1)) == (f"{an_id('alex 1')}/2",)
