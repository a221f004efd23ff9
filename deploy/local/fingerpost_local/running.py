"""The whole system as one block of code: everything is ready inside it, and stopped in order after it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from fingerpost_local.preparing import all_at_once, prepare
from fingerpost_local.programs import Ports, choose_ports, mail_catcher_program, service_programs
from fingerpost_local.run_file import describe, write_run_file
from fingerpost_local.servers import Servers, start_servers
from fingerpost_local.settings import LocalSettings
from fingerpost_local.supervisor import Log, RunningProgram, Watched, supervisor_log, watch


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
    with (
        start_servers(directory, settings.partnership_dir, nats_port=settings.nats_port, postgres_port=settings.postgres_port) as servers,
        supervisor_log(directory / "logs" / "supervisor.log") as log,
    ):
        ports = choose_ports(settings)
        await prepare(servers, settings.partnership_dir, directory / "logs")
        programs = _programs(servers, settings, ports, catches_mail)
        try:
            for one in programs:
                one.start()
            await all_at_once(*(one.ready() for one in programs))
            async with _watched(System(servers, tuple(programs)), log) as system:
                yield system
        finally:
            (directory / "run.json").unlink(missing_ok=True)
            await _stop(programs)


@contextlib.asynccontextmanager
async def _watched(system: System, log: Log) -> AsyncGenerator[System]:
    watched = [
        Watched("nats", system.servers.nats),
        Watched("postgres", system.servers.postgres),
        *(Watched(one.program.name, one) for one in system.programs),
    ]

    def write_down() -> None:
        write_run_file(system.servers.directory, system.description)

    write_down()
    log.info("system_ready", pid=os.getpid())
    watching = asyncio.create_task(watch(watched, log, write_down))
    try:
        yield system
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def _programs(servers: Servers, settings: LocalSettings, ports: Ports, catches_mail: bool) -> list[RunningProgram]:
    mail = [mail_catcher_program(servers.directory, ports)] if catches_mail else []
    return [
        RunningProgram(program, servers.directory / "logs" / f"{program.name}.log")
        for program in (*mail, *service_programs(servers, settings, ports, catches_mail))
    ]


async def _stop(programs: Sequence[RunningProgram]) -> None:
    """The edges first, so that nothing new comes in; then what works on what came in."""
    edges = [one for one in programs if one.program.name in ("intake", "console")]
    rest = [one for one in programs if one not in edges and one.program.name != "mail"]
    mail = [one for one in programs if one.program.name == "mail"]
    for group in (edges, rest, mail):
        await asyncio.gather(*(asyncio.to_thread(one.stop) for one in group))
