"""How commands find the running system: through `DIR/run.json`, which `fingerpost up` writes, or through settings."""

import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import nats
import platformdirs
import typer
from nats.aio.client import Client

from fingerpost_shared.runtime.cli import CommandFailed

CONNECT_SECONDS = 3

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", envvar="FINGERPOST_DATA", help="The folder of the running system.")
]


@dataclass(frozen=True)
class FoundSystem:
    """Where a system is, and the keys to it. FINGERPOST_INTAKE_URL, FINGERPOST_NATS_URL and FINGERPOST_CREDENTIALS override."""

    intake: str
    nats: str
    credentials: Mapping[str, Any]
    postgres: str | None = None
    timezone: str | None = None  # of its partnership

    @property
    def api_keys(self) -> Mapping[str, str]:
        """The API key of each agency."""
        return {agency: row["api_key"] for agency, row in self.credentials["agencies"].items()}

    @asynccontextmanager
    async def operator(self) -> AsyncGenerator[Client]:
        """A NATS connection as the operator. Raises `CommandFailed`."""
        async with operator_of(self.nats, str(self.credentials["operator"]["nats"])) as client:
            yield client


@asynccontextmanager
async def operator_of(url: str, seed: str | None) -> AsyncGenerator[Client]:
    """A connection to this NATS server as the operator, whose seed is in this file. It is not waited for, nor come back to.

    Raises `CommandFailed` within some seconds where nobody answers, and with nothing on standard error.
    """
    faults: list[Exception] = []

    async def keep(fault: Exception) -> None:
        faults.append(fault)

    try:
        client = await nats.connect(
            url,
            nkeys_seed=seed,
            inbox_prefix=b"_INBOX.operator",
            error_cb=keep,  # without one the library writes a stack trace for each fault
            allow_reconnect=False,
            max_reconnect_attempts=1,  # it tries 60 times, and 0 means for ever
            reconnect_time_wait=0.1,
            connect_timeout=CONNECT_SECONDS,
        )
    except Exception as error:
        why = type(faults[0] if faults else error).__name__
        raise CommandFailed(
            f"NATS at {url} cannot be reached as the operator ({why}): is the system running? 'fingerpost up' starts it."
        ) from None
    try:
        yield client
    finally:
        await client.close()


def find_system(data: Path | None) -> FoundSystem:
    """The system that runs in this folder, by default the one that `fingerpost up` uses. Raises `CommandFailed`."""
    folder = (data or platformdirs.user_data_path("fingerpost")).expanduser()
    described = _read(folder / "run.json") or {}
    values = {
        "intake": os.environ.get("FINGERPOST_INTAKE_URL") or described.get("intake"),
        "nats": os.environ.get("FINGERPOST_NATS_URL") or described.get("nats"),
        "credentials": os.environ.get("FINGERPOST_CREDENTIALS") or described.get("credentials"),
    }
    if not all(values.values()):
        raise CommandFailed(
            f"No system is running in {folder}: start one with 'fingerpost up --data {folder}', or name its folder with --data."
        )
    credentials = _read(Path(str(values["credentials"])))
    if credentials is None:
        raise CommandFailed(f"The credentials in {values['credentials']} cannot be read; they belong to who started the system.")
    return FoundSystem(str(values["intake"]), str(values["nats"]), credentials, described.get("postgres"), described.get("timezone"))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
