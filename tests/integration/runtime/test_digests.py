"""Digests of a table in PostgreSQL lead to the very rows that another table lacks."""

from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text

from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.runtime.database import open_database
from fingerpost_shared.runtime.digests import Progress, digest, lacking
from tests.integration.runtime.bench import Bench

START = datetime(2026, 9, 4, 12, 0, tzinfo=UTC)
MANY = 4100  # more than one page of ids


async def test_two_tables_are_compared_by_what_differs(bench: Bench) -> None:
    engine = open_database(bench.database_url, 2)
    async with engine.begin() as connection:
        for table, step in (("one", 1), ("other", 7)):
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
            await connection.execute(text(f"CREATE TABLE {table} (entry text, at timestamptz)"))
            await connection.execute(text(f"INSERT INTO {table} SELECT lpad(n::text, 5, '0'), :start FROM generate_series(1, {MANY}) n"
                                          f" WHERE n % {step} > 0 OR {step} = 1"), {"start": START})  # fmt: skip
        await connection.execute(text("INSERT INTO one VALUES ('a/1', :at)"), {"at": START - timedelta(days=3)})
        await connection.execute(text("INSERT INTO other VALUES ('b/1', :at)"), {"at": START - timedelta(days=3)})
    span = "WHERE at >= :start AND at < :end"
    mine, theirs = (partial(digest, engine, f"SELECT entry, at FROM {table} {span}") for table in ("one", "other"))

    async def asks_mine(query: DigestQuery):
        return await mine(query, Progress(0, 0, 0))

    async def asks_theirs(query: DigestQuery):
        return await theirs(query, Progress(0, 0, 0))

    missing = await lacking(asks_mine, asks_theirs, "legs", START - timedelta(days=30), START + timedelta(days=1))
    surplus = await lacking(asks_theirs, asks_mine, "legs", START - timedelta(days=30), START + timedelta(days=1))
    await engine.dispose()

    assert missing == ["a/1", *(f"{n:05}" for n in range(7, MANY + 1, 7))]
    assert surplus == ["b/1"]
