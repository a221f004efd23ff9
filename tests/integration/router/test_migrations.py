"""The migrations make exactly the tables that the code describes: for every service, in its own database."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table

from fingerpost_intake.adapters.tables import book as intake
from fingerpost_intake.adapters.tables import key_book
from fingerpost_local.servers import Servers
from fingerpost_notifier.adapters.tables import book as notifier
from fingerpost_router.adapters.tables import book as router
from fingerpost_shared.runtime.database import open_database

TABLES = {"intake": intake, "intake_keys": key_book, "router": router, "notifier": notifier}


async def differences(databases: Servers, key: str, tables: MetaData) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, tables))

    engine = open_database(databases.database_urls[key], 1)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


@pytest.mark.parametrize("key", TABLES)
async def test_the_tables_are_as_the_code_describes_them(databases: Servers, key: str) -> None:
    assert await differences(databases, key, TABLES[key]) == []


async def test_the_comparison_would_see_a_forgotten_migration(databases: Servers) -> None:
    forgotten = MetaData()
    for table in router.tables.values():
        table.to_metadata(forgotten)
    Table("forgotten", forgotten, Column("id", Integer, primary_key=True))

    assert [found[0] for found in await differences(databases, "router", forgotten)] == ["add_table"]
