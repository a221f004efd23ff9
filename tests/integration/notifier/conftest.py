"""A database of the notifier's tests' own, on the server that is there, with the notifier's tables."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import fingerpost_notifier
from fingerpost_notifier.adapters.book import Book
from fingerpost_shared.runtime.database import migrate, open_database
from tests.support.live import Live


@pytest.fixture(scope="module")
async def database_url(live: Live) -> AsyncGenerator[str]:
    name = f"notifier_{uuid4().hex}"
    owner = await asyncpg.connect(live.servers.postgres.superuser_url)
    await owner.execute(f"CREATE DATABASE {name}")
    url = f"{live.servers.postgres.superuser_url.rpartition('/')[0]}/{name}"
    await asyncio.to_thread(migrate, url, Path(fingerpost_notifier.__file__).parent / "migrations")
    yield url
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    engine = open_database(database_url, 8)
    yield engine
    await engine.dispose()


@pytest.fixture
async def book(engine: AsyncEngine) -> Book:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("TRUNCATE alerts, legs, unannounced")
    return Book(engine)
