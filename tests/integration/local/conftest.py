"""A small partnership and the real servers that serve it, for the tests of the local system."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import psutil
import pytest
from nats.aio.client import Client

from fingerpost_local.servers import Servers, start_servers

Connect = Callable[..., Awaitable[Client]]

DIRECTORY = """
partnership: {id: sampleshire, name: Sampleshire Community Safety Partnership, reference_prefix: SS}
agencies:
  police: {name: Sampleshire Police}
  womens_aid: {name: Sampleshire Women's Aid}
destinations:
  marac: {name: MARAC, level: casework}
  matac: {name: MATAC, level: casework}
  police: {name: Police desk, level: casework}
"""


async def eventually(holds: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether the condition comes to hold within this time."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:  # noqa: ASYNC110 - it depends on other processes
        await asyncio.sleep(0.01)
    return bool(holds())


def is_at_work(process: psutil.Process) -> bool:
    """A zombie whose parent has not noticed yet is no longer at work."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def partnership_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partnership")
    (folder / "directory.yaml").write_text(DIRECTORY)
    return folder


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, partnership_dir: Path) -> Generator[Servers, None, None]:
    with start_servers(tmp_path_factory.mktemp("servers"), partnership_dir) as running:
        yield running


@pytest.fixture
async def connect(servers: Servers) -> AsyncIterator[Connect]:
    """Connects as a user, by name, and closes at the end of the test. Errors that the server reports land in `client.refusals`."""
    async with AsyncExitStack() as stack:

        async def as_user(user: str) -> Client:
            refusals: list[str] = []

            async def note(error: Exception) -> None:
                refusals.append(str(error))

            client = await nats.connect(
                servers.nats_url,
                nkeys_seed=str(servers.seeds[user]),
                inbox_prefix=f"_INBOX.{user}",
                error_cb=note,
                allow_reconnect=False,
            )
            client.refusals = refusals  # type: ignore[attr-defined]
            stack.push_async_callback(client.close)
            return client

        yield as_user
