"""`fingerpost up --data DIR` as a process tree that can be hurt: killed in part or whole, held still, started again."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import nats
import nats.errors
import psutil
from nats.aio.client import Client

from fingerpost_local.ports import free_port
from fingerpost_local.settings import default_partnership_dir
from fingerpost_shared.contracts.ids import referral_id
from fingerpost_shared.runtime.asking import Refused, Unanswered

FINGERPOST = str(Path(sysconfig.get_path("scripts")) / "fingerpost")
SERVERS = ("nats", "postgres")
SERVICES = ("intake", "router", "notifier")


class ProcessTree:
    """The system's processes by name. Ports stay the same over a restart, so that clients find it again as they would a real one."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._environment = {
            **os.environ,
            "FINGERPOST_PARTNERSHIP_DIR": str(default_partnership_dir()),
            "FINGERPOST_NATS_PORT": str(free_port()),
            "FINGERPOST_POSTGRES_PORT": str(free_port()),
        }
        self._clients: dict[str, Client] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start everything, and return when all of it is ready."""
        command = [FINGERPOST, "up", "--json", "--data", str(self.data)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        assert self._process.stdout.readline(), self._process.stderr.read()

    def stop(self) -> None:
        """Stop everything as Ctrl-C would."""
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=120)

    def kill_whole(self) -> list[psutil.Process]:
        """kill -9 of the process that started all others; returns those others, which must die with it."""
        assert self._process is not None
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        return family

    def pid(self, name: str) -> int:
        """The process id that a service or server has just now, dead or alive."""
        run_file = json.loads((self.data / "run.json").read_text())
        return run_file["servers"][name] if name in SERVERS else run_file["services"][name]["pid"]

    async def kill(self, name: str) -> None:
        """kill -9 of one service or server; where it is dead already, of its successor."""
        while not is_at_work(self.pid(name)):  # noqa: ASYNC110 - it depends on another process
            await asyncio.sleep(0.05)
        os.kill(self.pid(name), signal.SIGKILL)

    @contextmanager
    def held(self, *names: str) -> Iterator[None]:
        """Services that stand still while the block runs, unless they die in it."""
        pids = [self.pid(name) for name in names]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in filter(is_at_work, pids):
                os.kill(pid, signal.SIGCONT)

    async def nats_as(self, user: str) -> Client:
        """The connection of a NATS user, which outlives the server."""
        if user not in self._clients:

            async def ignore(_error: Exception) -> None:
                """A lost connection is what these tests are about."""

            self._clients[user] = await nats.connect(
                f"nats://127.0.0.1:{self._environment['FINGERPOST_NATS_PORT']}",
                nkeys_seed=str(self.data / "keys" / "nkeys" / f"{user}.seed"),
                inbox_prefix=f"_INBOX.{user}".encode(),
                error_cb=ignore,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,
            )
        return self._clients[user]

    async def disconnect(self) -> None:
        """Close every connection to NATS."""
        for client in self._clients.values():
            await client.close()

    def referral_id(self, agency: str, reference: str) -> UUID:
        """The id that intake gives to what an agency calls by this reference."""
        key = base64.urlsafe_b64decode((self.data / "keys" / "id").read_text().strip())
        return referral_id(key, agency, reference)

    async def rows(self, service: str, query: str, *values: object) -> list[asyncpg.Record]:
        """Look into a service's book."""
        address = json.loads((self.data / "run.json").read_text())["postgres"].rpartition("/")[0]
        connection = await asyncpg.connect(f"{address}/fingerpost_{service}")
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    async def purge(self, stream: str) -> int:
        """Drop every message of a stream, as a lost disk or an operator's slip would; returns how many there were."""
        reply = await (await self.nats_as("operator")).request(f"$JS.API.STREAM.PURGE.{stream}", b"", timeout=10)
        answer = json.loads(reply.data)
        assert answer["success"], answer
        return answer["purged"]

    async def metric(self, service: str, name: str) -> float:
        """The sum of a service's counter over all its labels, since the service started."""
        url = json.loads((self.data / "run.json").read_text())["services"][service]["url"]
        async with httpx.AsyncClient() as client:
            lines = (await client.get(f"{url}/metrics")).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))

    async def count(self, service: str, query: str, *values: object) -> int:
        """A query's single number."""
        return (await self.rows(service, query, *values))[0][0]


def is_at_work(pid: int) -> bool:
    """Whether a process runs; a zombie that its parent has not noticed yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until(holds: Callable[[], Awaitable[Any]], seconds: float, what: str) -> float:
    """Wait until it holds; returns how many seconds that took. Questions that cannot be answered just now are asked again."""
    started = time.monotonic()
    seen: object = None
    while time.monotonic() - started < seconds:
        try:
            if seen := await holds():
                return time.monotonic() - started
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, nats.errors.Error, Unanswered, Refused) as error:
            seen = error
        await asyncio.sleep(0.2)
    raise AssertionError(f"not within {seconds:.0f} s: {what} (last seen: {seen!r})")
