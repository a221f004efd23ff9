"""The services, running on whatever NATS and PostgreSQL they are told of: all ready inside the block, stopped in order after it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from fingerpost_local.ports import KeptPorts
from fingerpost_local.preparing import all_at_once, prepare
from fingerpost_local.programs import choose_ports, mail_catcher_program, service_programs
from fingerpost_local.settings import LocalSettings
from fingerpost_local.stores import Stores
from fingerpost_local.supervisor import RunningProgram

EDGES = ("intake", "console")


@contextlib.asynccontextmanager
async def serving(
    stores: Stores, settings: LocalSettings, directory: Path, catches_mail: bool
) -> AsyncGenerator[tuple[RunningProgram, ...]]:
    """Prepare streams and tables, then run every service; logs and caught mail go below `directory`. Raises `CannotStart`."""
    logs = directory / "logs"
    await prepare(stores, settings.partnership_dir)
    ports = choose_ports(settings, KeptPorts(directory))
    mail = [mail_catcher_program(directory, ports)] if catches_mail else []
    programs = tuple(
        RunningProgram(program, logs / f"{program.name}.log")
        for program in (*mail, *service_programs(stores, settings, ports, catches_mail))
    )
    try:
        for one in programs:
            one.start()
        await all_at_once(*(one.ready() for one in programs))
        yield programs
    finally:
        await _stop(programs)


async def _stop(programs: Sequence[RunningProgram]) -> None:
    """The edges first, so that nothing new comes in; then what works on what came in; then the mail server that they send to."""
    edges = [one for one in programs if one.program.name in EDGES]
    mail = [one for one in programs if one.program.name == "mail"]
    rest = [one for one in programs if one not in (*edges, *mail)]
    for group in (edges, rest, mail):
        await asyncio.gather(*(asyncio.to_thread(one.stop) for one in group))
