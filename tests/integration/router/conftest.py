"""The router's database on the real PostgreSQL, its tables made by its own migrations, empty at the start of each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_local.databases import DATABASES
from fingerpost_local.servers import Servers, start_servers
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import book as tables
from fingerpost_rules import Names
from fingerpost_shared.runtime.database import migrate, open_database
from tests.integration.router.redeciding import Rules
from tests.unit.router.building import LONDON, a_rule_set, write_partnership

CONNECTIONS = 16


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Every service's database, migrated."""
    partnership = write_partnership(tmp_path_factory.mktemp("partnership"))
    with start_servers(tmp_path_factory.mktemp("databases"), partnership) as servers:
        for key, database in DATABASES.items():
            migrate(servers.database_urls[key], database.scripts)
        yield servers


@pytest.fixture(scope="session")
async def pool(databases: Servers) -> AsyncIterator[AsyncEngine]:
    engine = open_database(databases.database_urls["router"], CONNECTIONS)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(pool: AsyncEngine) -> AsyncEngine:
    async with pool.begin() as connection:
        await connection.execute(text(f"TRUNCATE {', '.join(tables.tables)}"))
    return pool


@pytest.fixture
async def rule_book(engine: AsyncEngine, tmp_path: Path) -> RuleBook:
    """The partnership's rule set, the first that goes live."""
    rule_book = RuleBook(engine, Names({}, frozenset()), LONDON)
    await rule_book.begin(a_rule_set(tmp_path))
    return rule_book


@pytest.fixture
def rules(engine: AsyncEngine, rule_book: RuleBook, tmp_path: Path) -> Rules:
    return Rules(engine, rule_book, tmp_path)


@pytest.fixture
def book(engine: AsyncEngine) -> Book:
    return Book(engine)
