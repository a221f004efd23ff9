"""TCP ports on the loopback address: fixed by a setting, or any free one."""

import socket

from fingerpost_local.failure import CannotStart


def choose_port(fixed: int | None, setting: str) -> int:
    """The port that a setting fixes, else a free one. Raises `CannotStart` when the fixed one is taken."""
    if fixed is None:
        return free_port()
    if not _is_free(fixed):
        raise CannotStart(f"Port {fixed} on 127.0.0.1 is taken: end what listens there, or set {setting} to another one.")
    return fixed


def free_port() -> int:
    """A port that nobody listens on now, picked by the system."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as servers do, so that connections of a predecessor that are still closing do not count as taken
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
