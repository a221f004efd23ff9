"""Starts programs that cannot outlive the process that started them, each with a bounded log file of its own."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LOG_LIMIT_BYTES = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_IS_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None) if _IS_LINUX else None


def start_child(
    argv: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches it only through us, its output appended to `log`.

    When the calling thread ends, by `kill -9` too, the program gets `death_signal`: from the kernel on Linux, from a small
    watchdog process elsewhere. Call it from the main thread. The log is a file and no pipe, so nobody has to drain it.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the programs are our own
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            preexec_fn=_die_with_parent(death_signal) if _IS_LINUX else None,
        )
    if not _IS_LINUX:
        watch(process.pid, death_signal)
    return process


def watch(pid: int, death_signal: signal.Signals) -> subprocess.Popen[bytes]:
    """Start a watchdog that sends `death_signal` to `pid` once this process is gone: it reads a pipe that only we hold open."""
    return subprocess.Popen(  # noqa: S603 - the program is our own
        [sys.executable, "-m", "fingerpost_local.watchdog", str(pid), str(int(death_signal))],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def stop_child(process: subprocess.Popen[bytes], first: signal.Signals, patience_seconds: float) -> None:
    """Ask a program to end, wait, then make it. Returns when it is gone; nothing happens if it already was."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def bound_log(log: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
    """Move a log that has grown past its limit to `<name>.1`. Its writer appends, so it goes on at the start of the emptied file."""
    if log.exists() and log.stat().st_size > limit_bytes:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for an error message."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def tether() -> None:
        assert _libc is not None
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew of the tether
            os._exit(1)

    return tether
