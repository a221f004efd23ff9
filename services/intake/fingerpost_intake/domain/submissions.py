"""A submission: what arrived in one message, and the entries in it that each become a referral or a quarantine item."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fingerpost_intake.domain import rows, strict_json
from fingerpost_intake.domain.faults import Fault, Faulty
from fingerpost_intake.domain.normalising import Normalised, Quarantined, Understanding, normalise, quarantine, read_referral

JSON = "application/json"
CSV = "text/csv"
ROWS = "application/vnd.fingerpost.rows+json"  # a chunk of a batch: rows of a CSV file with their numbers
MOST_ROWS = 256
MOST_CHUNK_BYTES = 512 * 1024


@dataclass(frozen=True)
class Submission:
    """One message of the SUBMISSIONS stream. `cause` is its id: the same at every delivery."""

    cause: UUID
    agency: str
    content_type: str
    content: bytes
    received_at: datetime


@dataclass(frozen=True)
class Entry:
    """One thing in a submission: a row of a batch, or the whole of it (row 0)."""

    row: int
    content_type: str
    content: bytes
    result: Normalised | Quarantined


@dataclass(frozen=True)
class Reader:
    """Reads submissions. Total: whatever the bytes, each entry is a referral or a quarantine item (I1)."""

    by: Understanding
    layout: rows.Layout

    def entries(self, submission: Submission) -> Sequence[Entry]:
        """What is in a JSON submission or a chunk of rows; CSV files are cut into rows first, by `cut`."""
        if submission.content_type not in (JSON, ROWS):
            return [self._kept(submission, 0, submission.content, (_unsupported(),))]
        try:
            value = strict_json.read(submission.content)
        except strict_json.NotJson as error:
            return [self._kept(submission, 0, submission.content, (not_json(error),))]
        if submission.content_type == ROWS:
            return self._rows(submission, value)
        return [self._entry(submission, 0, value, submission.content)]

    def broken_file(self, submission: Submission, faults: tuple[Fault, ...]) -> Sequence[Entry]:
        """A file that cannot be cut into rows is one quarantine item."""
        return [self._kept(submission, 0, submission.content, faults)]

    def unhandled(self, submission: Submission) -> Sequence[Entry]:
        """A submission that the service failed on: kept whole, for a person to look at."""
        fault = Fault("", "not_handled", "input that Fingerpost can handle", "Tell the operator: this is a fault of Fingerpost.")
        return [self._kept(submission, 0, submission.content, (fault,))]

    def read_row(self, row: Mapping[str, Any]) -> Any:
        """A row as native JSON. Raises `Faulty`."""
        cells = row.get("cells")
        if not isinstance(cells, dict):
            raise Faulty([Fault("", "cell_count", "as many cells as the header has", "Fill the row, or remove what is too much.")])
        return rows.referral_of({str(name): str(cell) for name, cell in cells.items()}, self.layout)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

    def _rows(self, submission: Submission, chunk: Any) -> list[Entry]:
        listed = chunk.get("rows") if isinstance(chunk, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if not isinstance(listed, list) or not listed or not all(isinstance(row, dict) for row in listed):  # pyright: ignore[reportUnknownVariableType]
            fault = Fault("/rows", "not_a_value", "a list of rows", "Send a CSV file to /v1/batches instead.")
            return [self._kept(submission, 0, submission.content, (fault,))]
        return [self._row(submission, number, row) for number, row in zip(_numbers(listed), listed, strict=True)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

    def _row(self, submission: Submission, number: int, row: Mapping[str, Any]) -> Entry:
        content = json.dumps(row, ensure_ascii=False).encode()
        try:
            value = self.read_row(row)
        except Faulty as error:
            return self._kept(submission, number, content, error.faults)
        return self._entry(submission, number, value, content)

    def _entry(self, submission: Submission, row: int, value: Any, content: bytes) -> Entry:
        try:
            referral = read_referral(value)
            result = normalise(referral, submission.agency, submission.received_at.date(), self.by)
        except Faulty as error:
            return self._kept(submission, row, content, error.faults)
        return Entry(row, submission.content_type, content, result)

    def _kept(self, submission: Submission, row: int, content: bytes, faults: tuple[Fault, ...]) -> Entry:
        day = submission.received_at.date()
        result = quarantine(submission.agency, submission.content_type, content, faults, day, self.by)
        return Entry(row, submission.content_type, content, result)


def chunks(listed: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Rows in messages of at most 256 rows and 512 kB; a single row that is larger travels alone."""
    chunk: list[str] = []
    size = 0
    for row in listed:
        text = json.dumps(row, ensure_ascii=False)
        if chunk and (len(chunk) >= MOST_ROWS or size + len(text.encode()) > MOST_CHUNK_BYTES):
            yield _chunk(chunk)
            chunk, size = [], 0
        chunk.append(text)
        size += len(text.encode())
    if chunk:
        yield _chunk(chunk)


def not_json(error: strict_json.NotJson) -> Fault:
    """Why the bytes are no JSON, as a fault of the whole body."""
    return Fault("", error.reason.code, error.expected, f"Send {error.expected}.")


def _numbers(listed: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """The rows' numbers in their file, or their places where those are no distinct numbers: each row has an outcome of its own (I1)."""
    given = [row.get("row") for row in listed]
    numbers = [number for number in given if type(number) is int and 0 < number < 2**31]
    return numbers if len(set(numbers)) == len(listed) else range(1, len(listed) + 1)


def _chunk(texts: Sequence[str]) -> bytes:
    return ('{"rows":[' + ",".join(texts) + "]}").encode()


def _unsupported() -> Fault:
    return Fault("", "unsupported_content_type", f"{JSON} or {CSV}", f"Set the header Content-Type to {JSON} or {CSV}.")
