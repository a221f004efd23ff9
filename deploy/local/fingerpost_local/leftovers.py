"""Ends the processes that a killed predecessor left at work in a data folder."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

_PATIENCE_SECONDS = 10.0


def end_leftovers(folder: Path, program: str) -> None:
    """Kill every process of this program whose working folder is exactly this one, and wait until they are gone.

    Both must fit: a person's shell may stand in the folder, and another cluster runs the same program elsewhere.
    """
    found = list(_working_in(folder, program))
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(_is_at_work(process) for process in found) and time.monotonic() < deadline:
        time.sleep(0.01)


def _working_in(folder: Path, program: str) -> Iterator[psutil.Process]:
    where = str(folder.resolve())
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["cwd"] == where and process.info["name"] == program:
            yield process


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE  # a zombie holds nothing any more
    except psutil.NoSuchProcess:
        return False
