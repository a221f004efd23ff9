"""What a turn of the notifier reads must not grow with its book, from the first minute on: nothing has analysed the tables by then."""

from uuid import uuid4

import asyncpg

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.domain.alerts import Alert, Sent, alerts_of
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.database import open_database
from tests.support.databases import rows_read
from tests.unit.notifier.building import a_leg

GROWN = 3_000
ROUNDS_UNTIL_A_PLAN_WOULD_BE_KEPT = 8  # PostgreSQL thinks about it after five


def _wanted(count: int) -> tuple[list[LegRouted], list[Alert]]:
    legs = [a_leg(leg_id=uuid4(), alert=("police",), lane="routine") for _ in range(count)]
    return legs, [alert for leg in legs for alert in alerts_of(leg, "email")]


async def _turn(book: Book) -> None:
    """One alert from its leg to the event that tells of it."""
    await book.queue(*_wanted(1), is_claimed=False)
    claimed = await book.claim("routine", 32)
    assert len(claimed) == 1
    await book.renew([alert.id for alert in claimed])
    await book.settle([(alert, Sent()) for alert in claimed], is_told=False)
    told = [ended.alert.id for ended in await book.unannounced()]
    assert told == [claimed[0].id]
    await book.mark_announced(told)


async def test_a_turn_reads_its_own_alert_however_many_were_sent_before(book: Book, database_url: str):
    engine = open_database(database_url, pool=1)
    try:
        alone = Book(engine)
        for _ in range(ROUNDS_UNTIL_A_PLAN_WOULD_BE_KEPT):
            await _turn(alone)
        await book.queue(*_wanted(GROWN), is_claimed=False)
        owner = await asyncpg.connect(database_url)
        await owner.execute("UPDATE alerts SET state = 'sent', ended_at = now() WHERE state = 'queued'")
        await owner.close()
        before = await rows_read(engine)
        await _turn(alone)
        assert await rows_read(engine) - before < 100
    finally:
        await engine.dispose()
