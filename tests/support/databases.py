"""Databases of a test's own on the server of a running system: nothing else writes there, and they are gone after it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

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
