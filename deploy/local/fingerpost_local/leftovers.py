"""Ends the processes that a killed predecessor left at work in a data folder."""

from collections.abc import Iterator
from pathlib import Path

import psutil


def end_leftovers(folder: Path, program: str) -> None:
    """Kill every process of this program whose working folder is exactly this one, and wait until they are gone.

    Both must fit: a person's shell may stand in the folder, and another cluster runs the same program elsewhere.
    """
    found = list(_working_in(folder, program))
    for process in found:
        process.kill()
    psutil.wait_procs(found, timeout=10)


def _working_in(folder: Path, program: str) -> Iterator[psutil.Process]:
    where = str(folder.resolve())
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["cwd"] == where and process.info["name"] == program:
            yield process
