"""`DIR/run.json`: how commands and scripts find the running system. It is there exactly as long as the system runs."""

import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fingerpost_local.keys import write_private
from fingerpost_local.servers import Servers
from fingerpost_local.supervisor import RunningProgram
from fingerpost_shared.contracts.directory import UnreadableDirectory, read_directory

READY_LINE = ("console", "intake", "nats", "postgres", "credentials", "pid")


def describe(servers: Servers, programs: Sequence[RunningProgram]) -> dict[str, object]:
    """Addresses, process ids, the path of the credentials and the partnership's time zone, by which commands show times.

    `READY_LINE` names what `up --json` prints of it.
    """
    urls = {one.program.name: one.program.url for one in programs}
    return {
        "console": urls["console"],
        "intake": urls["intake"],
        "nats": servers.nats_url,
        "postgres": servers.postgres.superuser_url,
        "credentials": str(servers.keys.credentials),
        "pid": os.getpid(),
        "data": str(servers.directory),
        "timezone": _timezone(programs),
        "nats_monitoring": servers.nats.monitoring_url,
        "services": {one.program.name: {"pid": one.process and one.process.pid, "url": one.program.url} for one in programs},
        "servers": {
            "nats": servers.nats.process and servers.nats.process.pid,
            "postgres": servers.postgres.process and servers.postgres.process.pid,
        },
    }


def _timezone(programs: Sequence[RunningProgram]) -> str | None:
    """That of the partnership that the services work for; None where its directory was spoilt since they started."""
    folders = (one.program.environment.get("FINGERPOST_PARTNERSHIP_DIR") for one in programs)
    try:
        return next((read_directory(Path(folder) / "directory.yaml").partnership.timezone for folder in folders if folder), None)
    except UnreadableDirectory:
        return None


def ready_line(description: Mapping[str, object]) -> str:
    """The one line that `up --json` prints."""
    return json.dumps({name: description[name] for name in READY_LINE})


def write_run_file(directory: Path, description: Mapping[str, object]) -> None:
    """Write it, readable for its owner alone: it holds a database password."""
    write_private(directory / "run.json", json.dumps(description, indent=2) + "\n")


@contextmanager
def removed_at_the_end(directory: Path) -> Generator[None, None, None]:
    """Whatever ends the block, the file is gone after it: commands must not look for a system that is stopping."""
    try:
        yield
    finally:
        (directory / "run.json").unlink(missing_ok=True)
