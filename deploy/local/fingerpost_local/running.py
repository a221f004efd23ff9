"""The whole system as one block of code: everything is ready inside it, looked after, and stopped in order after it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fingerpost_local.nats import Nats
from fingerpost_local.run_file import describe, removed_at_the_end, write_run_file
from fingerpost_local.servers import Servers, start_servers
from fingerpost_local.serving import serving
from fingerpost_local.settings import LocalSettings
from fingerpost_local.supervisor import Log, RunningProgram, Watched, supervisor_log, watch
from fingerpost_shared.runtime.logs import where

HEALTH_SECONDS = 2.0


@dataclass(frozen=True)
class System:
    """A running system: where its parts are, and its description as `run.json` has it."""

    servers: Servers
    programs: tuple[RunningProgram, ...]

    @property
    def description(self) -> dict[str, object]:
        """What scripts need to reach it."""
        return describe(self.servers, self.programs)

    def url(self, name: str) -> str:
        """The address of a service or of the mail catcher."""
        return next(running.program.url for running in self.programs if running.program.name == name)


@contextlib.asynccontextmanager
async def running(settings: LocalSettings, catches_mail: bool) -> AsyncGenerator[System]:
    """Run everything with its state in `settings.data` while the block runs. Raises `CannotStart`.

    Call it on the main thread: the children die with the thread that started them, however it ends.
    """
    directory = settings.data.expanduser().resolve()
    ports = {"nats_port": settings.nats_port, "postgres_port": settings.postgres_port}
    with start_servers(directory, settings.partnership_dir, **ports) as servers:
        async with serving(servers, settings, directory, catches_mail) as programs:
            system = System(servers, programs)
            with supervisor_log(directory / "logs" / "supervisor.log") as log, removed_at_the_end(directory):
                async with _looked_after(system, log):
                    yield system


@contextlib.asynccontextmanager
async def _looked_after(system: System, log: Log) -> AsyncGenerator[None]:
    """Start again what dies, and keep `run.json` true."""

    def write_down() -> None:
        write_run_file(system.servers.directory, system.description)

    watched = [
        Watched("nats", system.servers.nats),
        Watched("postgres", system.servers.postgres),
        *(Watched(one.program.name, one) for one in system.programs),
    ]
    write_down()
    log.info("system_ready", pid=os.getpid())
    tasks = [asyncio.create_task(watch(watched, log, write_down)), asyncio.create_task(_revive(system.servers.nats, log))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _revive(nats: Nats, log: Log) -> None:
    """End the NATS server where only a new start makes it store again; whoever watches it starts it."""
    while True:
        await asyncio.sleep(HEALTH_SECONDS)
        try:
            if await asyncio.to_thread(nats.needs_new_start):
                log.warning("child_stuck", child="nats", reason="a stream could not be written")
                await asyncio.to_thread(nats.stop)
        except Exception as error:  # whatever it was, the next look must come
            log.error("look_failed", child="nats", error=type(error).__name__, where=where(error))
