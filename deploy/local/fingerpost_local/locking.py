"""One system per data folder: a lock that the kernel drops with its holder, so it is never stale."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fingerpost_local.failure import CannotStart


@contextmanager
def locked(directory: Path) -> Generator[None, None, None]:
    """Hold the folder, made if it is missing, for this process alone. Raises `CannotStart` if another one has it, or it can't be used."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = "it is a file" if directory.is_file() else (error.strerror or str(error)).lower()
        raise CannotStart(f"State cannot be kept in {directory} ({reason}): give a folder that may be written with --data.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"Fingerpost is already running in {directory}. Stop it first, or give another folder with --data.") from None
        yield
    finally:
        os.close(handle)
