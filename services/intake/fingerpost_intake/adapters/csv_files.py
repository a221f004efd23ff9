"""Cuts CSV files into rows in a child process, and says what is wrong with a file as a whole."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fingerpost_intake.csv_child import MOST_ROWS
from fingerpost_intake.domain.faults import Fault
from fingerpost_intake.domain.rows import header_faults
from fingerpost_intake.domain.submissions import ROWS, Part, Reader, Submission, chunks, whole

TIMEOUT_SECONDS = 90.0
_BROKEN = {
    "empty_file": Fault("", "empty_file", "a header row and rows", "The file has no rows: send it again with its content."),
    "malformed_csv": Fault(
        "", "malformed_csv", "CSV as RFC 4180 has it", "Save it as CSV again; look for a quotation mark without its partner."
    ),
    "nul_character": Fault("", "nul_character", "text without NUL characters", "Save it as 'CSV UTF-8' again: this may be another format."),
    "too_many_rows": Fault("", "too_many_rows", f"at most {MOST_ROWS:,} rows", "Cut the file into smaller ones."),
    "unknown_encoding": Fault("", "unknown_encoding", "text in UTF-8", "Save it as 'CSV UTF-8' again."),
}
_TOO_MUCH = Fault("", "too_complex", "a file that can be read within 1 GB and 60 s", "Cut the file into smaller ones.")


@dataclass(frozen=True)
class CutFile:
    """A file's rows as the child gave them, or what is wrong with the whole of it."""

    encoding: str
    rows: Sequence[dict[str, Any]]
    faults: tuple[Fault, ...] = ()


async def cut(content: bytes) -> CutFile:
    """The rows of a CSV file. Never raises for its content: a child that died is a fault of the file."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fingerpost_intake.csv_child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(child.communicate(content), TIMEOUT_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        return CutFile("", (), (_TOO_MUCH,))
    if child.returncode != 0:
        return CutFile("", (), (_TOO_MUCH,))
    lines = [json.loads(line) for line in output.splitlines()]
    broken = next((line["broken"] for line in lines if "broken" in line), None)
    if broken:
        return CutFile("", (), (_BROKEN[broken],))
    header, *rows = lines
    faults = header_faults(header["columns"]) or ([] if rows else [_BROKEN["empty_file"]])
    return CutFile(header["encoding"], rows, tuple(faults))


async def parts_of_file(submission: Submission, reader: Reader) -> Sequence[Part]:
    """The rows of a CSV file that arrived as one message."""
    file = await cut(submission.content)
    if file.faults:
        return [whole(submission, *file.faults)]
    parts: list[Part] = []
    for chunk in chunks(file.rows):
        parts += reader.parts(Submission(submission.cause, submission.agency, ROWS, chunk, submission.received_at))
        await asyncio.sleep(0)
    return parts
