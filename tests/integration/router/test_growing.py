"""What a redelivery reads must not grow with the book: thousands may be delivered again after a crash."""

from datetime import UTC, datetime

from fingerpost_local.servers import Servers
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_shared.runtime.database import open_database
from tests.integration.router.routing import encoded, routing
from tests.support.databases import rows_read
from tests.unit.router.building import a_referral

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
GROWN = 1_000


async def test_a_redelivered_referral_is_found_without_reading_those_before_it(rule_book: RuleBook, databases: Servers) -> None:
    engine = open_database(databases.database_urls["router"], pool=1)
    try:
        book = Book(engine)
        await routing(book, rule_book, *(a_referral(f"earlier {number}", at=MORNING) for number in range(GROWN)))
        one = a_referral("one", at=MORNING)
        first = await routing(book, rule_book, one)
        before = await rows_read(engine)

        again = await routing(book, rule_book, one)

        assert encoded(again) == encoded(first)
        assert await rows_read(engine) - before < 100
    finally:
        await engine.dispose()
