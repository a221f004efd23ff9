"""Databases of a test's own on the server of a running system, gone after it; and how many rows a database has read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.live import Live


@asynccontextmanager
async def empty_database(live: Live) -> AsyncGenerator[str]:
    """The URL of an empty database that exists while the block runs."""
    server = live.servers.postgres.superuser_url
    name = f"test_{uuid4().hex}"
    owner = await asyncpg.connect(server)
    try:
        await owner.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await owner.close()


async def rows_read(engine: AsyncEngine) -> int:
    """The rows that have been read in the engine's database, its one connection's among them, up to now and not to a second ago."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    async with engine.begin() as connection:
        read = await connection.exec_driver_sql("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables")
        return int(read.scalar_one())
