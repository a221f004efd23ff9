"""A database of the notifier's tests' own, on the server that is there, with the notifier's tables."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import fingerpost_notifier
from fingerpost_notifier.adapters.book import Book
from fingerpost_shared.runtime.database import migrate, open_database
from tests.support.databases import empty_database
from tests.support.live import Live


@pytest.fixture(scope="module")
async def database_url(live: Live) -> AsyncGenerator[str]:
    async with empty_database(live) as url:
        await asyncio.to_thread(migrate, url, Path(fingerpost_notifier.__file__).parent / "migrations")
        yield url


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
