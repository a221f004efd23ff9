"""Free TCP ports on the loopback address."""

import socket


def free_port(preferred: int | None = None) -> int:
    """A port that nobody listens on now: the preferred one if it is free, else one the system picks."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            # as servers do, so that connections of a predecessor that are still closing do not count as taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free TCP port on 127.0.0.1")
