"""Opens databases, inserts many rows in one statement, and brings a schema up to date."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, CursorResult, MetaData, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_DIALECT = postgresql.dialect()
_SERVER_SETTINGS = {
    "jit": "off",
    # a plan kept from when a table was nearly empty reads all of it, row by row, until the next ANALYZE
    "plan_cache_mode": "force_custom_plan",
}


def open_database(url: str, pool: int) -> AsyncEngine:
    """An engine on PostgreSQL that connects when first used, and never shows a statement's values in an error."""
    return create_async_engine(
        _async_url(url),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"timeout": 5, "command_timeout": 60, "server_settings": _SERVER_SETTINGS},
    )


def single_statements(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for statements that need no other beside them: each is its own transaction, at a third of the round trips."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def given(rows: Sequence[Mapping[str, Any]], json_columns: frozenset[str] = frozenset()) -> tuple[dict[str, Any], frozenset[str]]:
    """Rows as values for a statement that has them from `rows_given`, and which columns have the same value in every row.

    All have the keys of the first. In JSON columns stands whatever pydantic can write.
    """
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in json_columns & values.keys():
        values[name] = [None if value is None else _json(value) for value in values[name]]
    shared = [name for name in [*rows[0]][1:] if values[name].count(values[name][0]) == len(rows)]
    return {**values, **{name: values[name][0] for name in shared}}, frozenset(shared)


def rows_given(types: Mapping[str, str], shared: frozenset[str]) -> str:
    """SQL for the rows that `given` gives, the same whatever their number: an array for each column that is not shared."""
    names = {name: _DIALECT.identifier_preparer.quote(name) for name in types}
    differing = [name for name in types if name not in shared]
    arrays = ", ".join(f"CAST(:{name} AS {types[name]}[])" for name in differing)
    values = ", ".join(f"CAST(:{name} AS {types[name]}) AS {names[name]}" if name in shared else names[name] for name in types)
    return f"SELECT {values} FROM unnest({arrays}) AS given({', '.join(names[name] for name in differing)})"  # noqa: S608 - names are ours


async def insert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], conflict: str = "DO NOTHING", returning: str = ""
) -> CursorResult[Any]:
    """Insert rows, as for `given`, with one statement. Sort them by key, or two batches may dead-lock."""
    values, shared = given(rows, _json_columns(table))
    return await connection.execute(_insert_statement(table, tuple(values), shared, conflict, returning), values)


@cache
def _json_columns(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.c if isinstance(column.type, JSON))


def _json(value: Any) -> str:
    return to_json(value).decode()


@cache
def _insert_statement(table: Table, columns: tuple[str, ...], shared: frozenset[str], conflict: str, returning: str) -> TextClause:
    names = ", ".join(map(_DIALECT.identifier_preparer.quote, columns))
    rows = rows_given({name: table.c[name].type.compile(_DIALECT) for name in columns}, shared)
    tail = f" RETURNING {returning}" if returning else ""
    return text(f"INSERT INTO {table.name} ({names}) {rows} ON CONFLICT {conflict}{tail}")


async def answers(engine: AsyncEngine) -> bool:
    """Whether the database answers a query now."""
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:
        return False
    return True


def migrate(url: str, scripts: Path) -> None:
    """Bring the database to the newest revision in `scripts`. Replicas that start together take turns."""
    import alembic.command  # here, because no serving process needs it
    import alembic.config

    config = alembic.config.Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["url"] = _async_url(url)
    alembic.command.upgrade(config, "head")


async def run_revisions(url: str, metadata: MetaData) -> None:
    """What each `env.py` calls: run the pending revisions in one transaction, under a lock that other replicas wait for."""
    from alembic import context

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(7242)"))
        context.configure(connection=connection, target_metadata=metadata)
        context.run_migrations()

    engine = create_async_engine(url, hide_parameters=True)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def _async_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)
