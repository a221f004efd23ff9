"""TCP ports on the loopback address: fixed by a setting, else those of the last start in the same folder, else any free ones."""

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

from fingerpost_local.failure import CannotStart
from fingerpost_local.keys import write_private
from fingerpost_local.settings import LAST_PORT

# how long a killed predecessor may take to let go of its ports
_PATIENCE_SECONDS = 3.0


class KeptPorts:
    """The ports of one data folder, kept in its `ports.json`: addresses that were given out still hold after a restart.

    One process at a time may choose: hold the folder's lock.
    """

    def __init__(self, directory: Path) -> None:
        self._file = directory / "ports.json"
        self._ports = _read(self._file)

    def choose(self, name: str, fixed: int | None = None) -> int:
        """The port that a setting fixes, else the last start's, else a free one; a last one that is taken is told on standard error.

        Raises `CannotStart` when a fixed one is taken.
        """
        last = self._ports.get(name)
        if fixed is not None:
            port = _if_free(fixed, f"FINGERPOST_{name.upper()}_PORT")
        elif last is not None and _becomes_free(last):
            port = last
        else:
            port = self._another()
        if fixed is None and last not in (None, port):
            print(f"fingerpost: port {last}, which {name} had, is taken by another program: {name} has {port} now.", file=sys.stderr)
        self._ports[name] = port
        write_private(self._file, json.dumps(self._ports, indent=2) + "\n")
        return port

    def _another(self) -> int:
        """A free port that none of ours has or is about to take up again."""
        while (port := free_port()) in self._ports.values():
            pass
        return port


def free_port() -> int:
    """A port that nobody listens on now, picked by the system."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(file: Path) -> dict[str, int]:
    """The ports of the last start; none where the file is missing or damaged, for they can be chosen anew."""
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        return {name: port for name, port in found.items() if isinstance(port, int) and 0 < port <= LAST_PORT}
    except (OSError, ValueError, AttributeError):
        return {}


def _if_free(port: int, setting: str) -> int:
    if not _is_free(port):
        raise CannotStart(f"Port {port} on 127.0.0.1 is taken: end what listens there, or set {setting} to another one.")
    return port


def _becomes_free(port: int) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (is_free := _is_free(port)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_free


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as servers do, so that connections of a predecessor that are still closing do not count as taken
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
