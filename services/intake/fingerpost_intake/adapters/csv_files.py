"""Cuts CSV files into rows in a child process, and says what is wrong with a file as a whole."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from fingerpost_intake.csv_child import LONGEST_NAME, MOST_COLUMNS, MOST_ROWS
from fingerpost_intake.domain.faults import Fault
from fingerpost_intake.domain.rows import header_faults
from fingerpost_intake.domain.submissions import ROWS, Part, Reader, Submission, chunks, whole

TIMEOUT_SECONDS = 90.0
MOST_BYTES = 256 * 1024 * 1024  # of a file's rows, each with the names of its columns, as they go on; no good file of 64 MB comes to it
MOST_ROWS_IN_MESSAGE = 5_000  # more would hold up its lane for long; a file that comes over HTTP goes on in many messages
_PIECE_BYTES = 64 * 1024
_BROKEN = {
    "empty_file": Fault("", "empty_file", "a header row and rows", "The file has no rows: send it again with its content."),
    "malformed_csv": Fault(
        "", "malformed_csv", "CSV as RFC 4180 has it", "Save it as CSV again; look for a quotation mark without its partner."
    ),
    "nul_character": Fault("", "nul_character", "text without NUL characters", "Save it as 'CSV UTF-8' again: this may be another format."),
    "too_many_columns": Fault(
        "header",
        "too_many_columns",
        f"at most {MOST_COLUMNS} columns",
        "The first row names the columns: add it if it is missing, and remove the columns that are not of the layout.",
    ),
    "too_many_rows": Fault("", "too_many_rows", f"at most {MOST_ROWS:,} rows", "Cut the file into smaller ones."),
    "unknown_encoding": Fault("", "unknown_encoding", "text in UTF-8", "Save it as 'CSV UTF-8' again."),
}
_TOO_MANY_FOR_A_MESSAGE = Fault(
    "",
    "too_many_rows",
    f"at most {MOST_ROWS_IN_MESSAGE:,} rows in a message on NATS",
    f"Cut the file into smaller ones, or send it to /v1/batches, which takes {MOST_ROWS:,}.",
)
_TOO_MUCH = Fault(
    "",
    "too_complex",
    f"a file that can be read within 1 GB and 60 s, with rows of {MOST_BYTES // (1024 * 1024)} MB in all, the columns' names in each",
    "Cut the file into smaller ones.",
)


@dataclass(frozen=True)
class CutFile:
    """A file's rows as the child wrote them, a line each, or what is wrong with the whole of it.

    A line is small and what it holds is large: read one after the other, never keep them all.
    """

    encoding: str
    faults: tuple[Fault, ...] = ()
    columns: Sequence[str] = ()
    lines: Sequence[bytes] = ()

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row in turn."""
        return map(self.row, self.lines)

    def row(self, line: bytes) -> dict[str, Any]:
        """What a line holds: `row`, its number, and `cells` by column, or `values` where those are not as many as the columns."""
        row = json.loads(line)
        if len(row["values"]) != len(self.columns):
            return row
        return {"row": row["row"], "cells": dict(zip(self.columns, row["values"], strict=True))}


async def cut(content: bytes) -> CutFile:
    """The rows of a CSV file. Never raises for its content: a child that died, or wrote too much, is a fault of the file."""
    lines = await _lines(content)
    if not lines:
        return CutFile("", (_TOO_MUCH,))
    header, last = json.loads(lines[0]), json.loads(lines[-1])
    if "broken" in last:
        return CutFile("", (_broken(last),))
    rows = lines[1:]
    faults = header_faults(header["columns"]) or ([] if rows else [_BROKEN["empty_file"]])
    return CutFile(header["encoding"], tuple(faults), header["columns"], rows)


def _broken(line: dict[str, Any]) -> Fault:
    if line["broken"] != "long_column_name":
        return _BROKEN[line["broken"]]
    return Fault(
        f"header/{line['column']}",
        "long_column_name",
        f"a column's name of at most {LONGEST_NAME} characters",
        "The first row names the columns: add it if it is missing, or give the column a name of the layout.",
    )


async def _lines(content: bytes) -> list[bytes]:
    """What a child writes about the file; nothing where it died, took too long or wrote too much. It is gone on return."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fingerpost_intake.csv_child"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            lines, _ = await asyncio.gather(_read(child), _feed(child, content))
            return lines if lines and await child.wait() == 0 else []
    except TimeoutError:
        return []
    finally:
        if child.returncode is None:
            child.kill()
            await child.communicate()  # reads what is left in the pipe: until then the child would not count as gone


async def _read(child: Process) -> list[bytes]:
    """The child's lines, or none as soon as they are too much: each counts with the columns' names, which the first one holds."""
    assert child.stdout is not None
    lines: list[bytes] = []
    begun = bytearray()
    size = 0
    while piece := await child.stdout.read(_PIECE_BYTES):
        size += len(piece)
        begun += piece
        if b"\n" in piece:
            *whole_lines, begun = begun.split(b"\n")
            lines += map(bytes, whole_lines)
        if size + len(lines) * len(lines[0] if lines else b"") > MOST_BYTES:
            return []
    return lines


async def _feed(child: Process, content: bytes) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # a child that died early says so by its return code
        for start in range(0, len(content), _PIECE_BYTES):
            child.stdin.write(content[start : start + _PIECE_BYTES])
            await child.stdin.drain()
    child.stdin.close()


async def parts_of_file(submission: Submission, reader: Reader) -> Sequence[Part]:
    """The rows of a CSV file that arrived as one message."""
    file = await cut(submission.content)
    if file.faults:
        return [whole(submission, *file.faults)]
    if len(file.lines) > MOST_ROWS_IN_MESSAGE:
        return [whole(submission, _TOO_MANY_FOR_A_MESSAGE)]
    parts: list[Part] = []
    for chunk in chunks(file.rows):
        parts += reader.parts(replace(submission, content_type=ROWS, content=chunk))
        await asyncio.sleep(0)
    return parts
