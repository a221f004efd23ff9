"""Reads a CSV file in a process of its own, so that a hostile or huge file can neither block intake nor exhaust it.

Bytes come in on standard input. Out go JSON lines: first `{"encoding", "columns", "header_row"}`, then `{"row", "values"}` for each row.
The columns are named once: a name in every row would make a small file large. Where it cannot go on, `{"broken"}` is the last line.
It imports nothing that is slow to start.
"""

import codecs
import csv
import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60
LONGEST_CELL = 200_000
MOST_COLUMNS = 200  # three times what the layout and the facts have
LONGEST_NAME = 100
MOST_ROWS = 100_000  # what comes out of here is held in the memory of intake itself


def main() -> None:
    """Read standard input under hard limits; crossing one ends this process and nothing else."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    for line in read(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read(content: bytes) -> Iterator[dict[str, Any]]:
    """The file's encoding and columns, then its rows, numbered as a spreadsheet numbers them."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        encoding, text = decode(content)
    except UnicodeDecodeError:
        yield {"broken": "unknown_encoding"}
        return
    if "\x00" in text:
        yield {"broken": "nul_character"}
        return
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1)
    try:
        header_row, header = next((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
        columns = [cell.strip() for cell in header]
        if absurd := _absurd(columns):
            yield absurd
            return
        yield {"encoding": encoding, "columns": columns, "header_row": header_row}
        for number, cells in rows:
            if number > MOST_ROWS:
                yield {"broken": "too_many_rows"}
                return
            if any(cell.strip() for cell in cells):
                yield {"row": number, "values": cells}
    except StopIteration:
        yield {"broken": "empty_file"}
    except (csv.Error, RuntimeError) as error:
        yield {"broken": "empty_file" if isinstance(error, RuntimeError) else "malformed_csv"}


def _absurd(columns: list[str]) -> dict[str, Any] | None:
    """Why no row is read under this header, if so: each row goes on from intake with the names of its columns."""
    if len(columns) > MOST_COLUMNS:
        return {"broken": "too_many_columns"}
    too_long = (place for place, name in enumerate(columns, start=1) if len(name) > LONGEST_NAME)
    return next(({"broken": "long_column_name", "column": place} for place in too_long), None)


def decode(content: bytes) -> tuple[str, str]:
    """The text, and its encoding: by byte order mark, else UTF-8, else what Excel on Windows saves. Raises UnicodeDecodeError."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", content.decode("utf-16")
    try:
        return "utf-8", content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252", content.decode("cp1252")


if __name__ == "__main__":
    main()
