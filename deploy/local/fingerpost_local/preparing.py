"""Brings streams and tables to what this version needs, before any service starts."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from fingerpost_local.children import last_lines, start_child
from fingerpost_local.failure import CannotStart
from fingerpost_local.programs import WITH_DATABASE, fingerpost
from fingerpost_local.stores import Stores, database_settings
from fingerpost_shared.commands import apply_streams
from fingerpost_shared.runtime.settings import ServiceSettings


async def prepare(stores: Stores, partnership_dir: Path, logs: Path) -> None:
    """Apply the streams and run every migration, all at the same time. Safe to repeat. Raises `CannotStart`."""
    operator = ServiceSettings(
        nats_url=stores.nats_url,
        nats_seed_file=stores.seeds["operator"],
        partnership_dir=partnership_dir,
        keys_dir=stores.keys_dir,
    )
    await all_at_once(apply_streams(operator), *(_migrate(name, stores, logs) for name in WITH_DATABASE))


async def all_at_once(*work: Coroutine[Any, Any, object]) -> None:
    """Wait for all of it; the first failure ends the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _migrate(name: str, stores: Stores, logs: Path) -> None:
    log = logs / f"{name}-migrate.log"
    environment = {**os.environ, **database_settings(stores, name)}
    process = start_child((fingerpost(), name, "migrate"), log=log, environment=environment)
    try:
        while process.poll() is None:  # noqa: ASYNC110 - asyncio could not tether it to our life
            await asyncio.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise CannotStart(f"The tables of {name} could not be made. {log} ends with:\n{last_lines(log)}")
