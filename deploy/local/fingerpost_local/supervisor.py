"""Keeps programs running: starts them, waits until they are ready, starts again what dies, and stops them in order."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx
import structlog
from structlog.typing import FilteringBoundLogger

from fingerpost_local.children import bound_log, last_lines, start_child, stop_child
from fingerpost_local.failure import CannotStart
from fingerpost_local.programs import Program
from fingerpost_shared.runtime.logs import Lines, keep_allowed_keys

READY_SECONDS = 120.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.2
MAX_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0

Log = FilteringBoundLogger


class Kept(Protocol):
    """What can be kept running: a program of ours, or one of the servers."""

    process: subprocess.Popen[bytes] | None
    log: Path

    def start(self) -> None:
        """Start it. Raises `CannotStart`, or `OSError`, when that fails."""
        ...

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        ...


@dataclass
class RunningProgram:
    """A `Program` as a child process."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whether it is ready is another question."""
        environment = {**os.environ, **self.program.environment}
        self.process = start_child(self.program.argv, log=self.log, environment=environment)

    def stop(self) -> None:
        """Ask it to finish what is in hand; make it after a while."""
        if self.process is not None:
            stop_child(self.process, signal.SIGTERM, STOP_SECONDS)

    async def ready(self) -> None:
        """Wait until it says so. Raises `CannotStart` with the end of its log when it ends or takes too long."""
        assert self.process is not None
        deadline = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(timeout=2) as client:
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    raise CannotStart(f"{self.program.name} ended at once. {self.log} ends with:\n{last_lines(self.log)}")
                if await _is_ready(client, f"{self.program.url}/readyz"):
                    return
                await asyncio.sleep(0.05)
        raise CannotStart(f"{self.program.name} was not ready in {READY_SECONDS:.0f} s. {self.log} ends with:\n{last_lines(self.log)}")


@dataclass
class Watched:
    """Something kept running, and how often it failed lately."""

    name: str
    kept: Kept
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    start_again_at: float | None = None

    def look(self, now: float, log: Log) -> bool:
        """Note an end, start again once it is time. True if it was started again just now."""
        process = self.kept.process
        if self.start_again_at is None:
            if process is None or process.poll() is None:
                return False
            self.failures = self.failures + 1 if now - self.started_at < STEADY_SECONDS else 1
            wait = min(MAX_WAIT_SECONDS, 0.25 * 2**self.failures)
            log.warning("child_ended", child=self.name, pid=process.pid, code=process.returncode, seconds=wait)
            self.start_again_at = now + wait
        return now >= self.start_again_at and self._start_again(now, log)

    def _start_again(self, now: float, log: Log) -> bool:
        try:
            self.kept.start()
        except (CannotStart, OSError) as error:
            self.failures += 1
            self.start_again_at = time.monotonic() + min(MAX_WAIT_SECONDS, 0.25 * 2**self.failures)
            log.error("child_not_started", child=self.name, reason=str(error))
            return False
        self.started_at, self.start_again_at = now, None
        log.info("child_started_again", child=self.name, pid=self.kept.process and self.kept.process.pid)
        return True


async def watch(watched: Sequence[Watched], log: Log, changed: Callable[[], None]) -> None:
    """Look after them for ever; `changed` is called whenever one of them has a new process. Logs stay bounded too.

    What cannot be written, because the disk is full, is tried again at the next look.
    """
    is_written, could_write = True, True
    while True:
        started = [one.name for one in watched if one.look(time.monotonic(), log)]
        is_written = is_written and not started
        try:
            if not is_written:
                changed()
            is_written = True
            for one in watched:
                bound_log(one.kept.log)
            could_write = True
        except OSError as error:
            if could_write:
                log.warning("disk_refuses", error=type(error).__name__, code=error.errno)
            could_write = False
        await asyncio.sleep(LOOK_SECONDS)


@contextmanager
def supervisor_log(path: Path) -> Generator[Log, None, None]:
    """A log of what happened to the programs, as JSON lines in this file."""
    with path.open("a", encoding="utf-8") as file:
        yield structlog.wrap_logger(
            Lines(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                keep_allowed_keys,
                structlog.processors.JSONRenderer(),
            ],
        )


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False
