"""Brings streams and tables to what this version needs, before any service starts."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from fingerpost_local.databases import DATABASES
from fingerpost_local.failure import CannotStart
from fingerpost_local.stores import Stores
from fingerpost_shared.commands import apply_streams
from fingerpost_shared.runtime.database import migrate
from fingerpost_shared.runtime.settings import ServiceSettings


async def prepare(stores: Stores, partnership_dir: Path) -> None:
    """Apply the streams and run every migration, both at the same time. Safe to repeat. Raises `CannotStart`."""
    operator = ServiceSettings(
        nats_url=stores.nats_url,
        nats_seed_file=stores.seeds["operator"],
        partnership_dir=partnership_dir,
        keys_dir=stores.keys_dir,
    )
    await all_at_once(apply_streams(operator), asyncio.to_thread(_migrate_all, stores))


async def all_at_once(*work: Coroutine[Any, Any, object]) -> None:
    """Wait for all of it; the first failure ends the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _migrate_all(stores: Stores) -> None:
    """What `fingerpost <service> migrate` does, in this process: four more would each load everything first."""
    for key, database in DATABASES.items():
        try:
            migrate(stores.database_urls[key], database.scripts)
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
            raise CannotStart(f"The tables of {database.name} could not be brought up to date: {reason}") from error
