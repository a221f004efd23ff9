"""A submission: what arrived in one message, and the parts of it that each become a referral or a quarantine item."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from fingerpost_intake.domain import rows, strict_json
from fingerpost_intake.domain.faults import Fault, Faulty, attempt
from fingerpost_intake.domain.normalising import Normalised, Quarantined, Sent, Understanding, normalise_all, quarantine, read_referral
from fingerpost_shared.contracts.values import value

JSON = "application/json"
CSV = "text/csv"
ROWS = "application/vnd.fingerpost.rows+json"  # a chunk of a batch: rows of a CSV file with their numbers
_KNOWN_TYPES = (JSON, CSV, ROWS)
MOST_ROWS = 256
MOST_VALUES = 10_000  # of a referral: none that can be understood has half as many, and what is wrong with a million takes minutes to find
MOST_CHUNK_BYTES = 512 * 1024


@value
class Submission:
    """One message of the SUBMISSIONS stream. `cause` is its id: the same at every delivery.

    `received_at` is when the stream took it: sends are ordered by it, and clocks start at it. `as_of` is the moment as of which it is
    understood: what came over HTTP was answered as of then.
    """

    cause: UUID
    agency: str
    content_type: str
    content: bytes
    received_at: datetime
    as_of: datetime


@value
class Part:
    """One thing in a submission: a row of a batch, or the whole of it (row 0). `value` is a row or native JSON, or why it is neither."""

    submission: Submission
    row: int
    content: bytes
    value: Any


@value
class Entry:
    """What a part of a submission was understood to be."""

    row: int
    content_type: str
    content: bytes
    result: Normalised | Quarantined

    @property
    def about(self) -> UUID:
        """The id of the referral or of the quarantine item."""
        return self.result.referral_id if isinstance(self.result, Normalised) else self.result.quarantine_id


@dataclass(frozen=True)
class Reader:
    """Reads submissions. Total: whatever the bytes, each part is a referral or a quarantine item (I1)."""

    by: Understanding
    layout: rows.Layout

    def parts(self, submission: Submission) -> list[Part]:
        """What is in a JSON submission or a chunk of rows; CSV files are cut into rows first, by `cut`."""
        if submission.content_type not in (JSON, ROWS):
            return [whole(submission, _unsupported())]
        try:
            value = read_json(submission.content) if submission.content_type == JSON else strict_json.read(submission.content)
        except strict_json.NotJson as error:
            return [whole(submission, not_json(error))]
        if submission.content_type == ROWS:
            return _rows(submission, value)
        return [Part(submission, 0, submission.content, value)]

    def entries(self, parts: Sequence[Part]) -> list[tuple[Submission, Entry]]:
        """Each part as it was understood. Takes many at once: see `normalise_all`."""
        values = [attempt(self.read_row, part.value) if part.submission.content_type == ROWS else part.value for part in parts]
        read = [attempt(read_referral, value) for value in values]
        sent = [
            Sent(referral, part.submission.agency, part.submission.as_of)
            for part, referral in zip(parts, read, strict=True)
            if not isinstance(referral, Faulty)
        ]
        normalised = iter(normalise_all(sent, self.by))
        results = [referral if isinstance(referral, Faulty) else next(normalised) for referral in read]
        return [(part.submission, self._entry(part, result)) for part, result in zip(parts, results, strict=True)]

    def read_row(self, row: Mapping[str, Any]) -> Any:
        """A row as native JSON. Raises `Faulty`."""
        cells = row.get("cells")
        if not isinstance(cells, dict):
            raise Faulty([Fault("", "cell_count", "as many cells as the header has", "Fill the row, or remove what is too much.")])
        return rows.referral_of({str(name): str(cell) for name, cell in cells.items()}, self.layout)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

    def _entry(self, part: Part, result: Normalised | Faulty) -> Entry:
        submission = part.submission
        if isinstance(result, Normalised):
            return Entry(part.row, submission.content_type, part.content, result)
        kept = quarantine(submission.agency, submission.content_type, part.content, result.faults, submission.as_of, self.by)
        return Entry(part.row, submission.content_type, part.content, kept)


@lru_cache(maxsize=64)
def known_type(header: str) -> str:
    """The type that a header `Content-Type` names, if it is one that is read here; else nothing: a sender's own words are not kept."""
    media_type = header.partition(";")[0].strip().casefold()
    return media_type if media_type in _KNOWN_TYPES else ""


def whole(submission: Submission, *faults: Fault) -> Part:
    """The whole of a submission that cannot be read."""
    return Part(submission, 0, submission.content, Faulty(faults))


def unhandled(submission: Submission) -> Part:
    """A submission that the service failed on: kept whole, for a person to look at."""
    return whole(
        submission, Fault("", "not_handled", "input that Fingerpost can handle", "Tell the operator: this is a fault of Fingerpost.")
    )


def chunks(listed: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
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


def read_json(body: bytes) -> Any:
    """What should be a referral, before anybody looks whether it is. Raises `NotJson`."""
    return strict_json.read(body, MOST_VALUES)


def not_json(error: strict_json.NotJson) -> Fault:
    """Why the bytes are no JSON, as a fault of the whole body."""
    return Fault("", error.reason.code, error.expected, error.advice)


def _rows(submission: Submission, chunk: Any) -> list[Part]:
    listed = chunk.get("rows") if isinstance(chunk, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(listed, list) or not listed or not all(isinstance(row, dict) for row in listed):  # pyright: ignore[reportUnknownVariableType]
        return [whole(submission, Fault("/rows", "not_a_value", "a list of rows", "Send a CSV file to /v1/batches instead."))]
    if len(listed) > MOST_ROWS:  # pyright: ignore[reportUnknownArgumentType]
        return [whole(submission, Fault("/rows", "too_many_rows", f"at most {MOST_ROWS} rows", "Send a CSV file to /v1/batches instead."))]
    return [
        Part(submission, number, json.dumps(row, ensure_ascii=False).encode(), row)
        for number, row in zip(_numbers(listed), listed, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    ]


def _numbers(listed: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """The rows' numbers in their file, or their places where those are no distinct numbers: each row has an outcome of its own (I1)."""
    given = [row.get("row") for row in listed]
    numbers = [number for number in given if type(number) is int and 0 < number < 2**31]
    return numbers if len(set(numbers)) == len(listed) else range(1, len(listed) + 1)


def _chunk(texts: Sequence[str]) -> bytes:
    return ('{"rows":[' + ",".join(texts) + "]}").encode()


def _unsupported() -> Fault:
    return Fault("", "unsupported_content_type", f"{JSON} or {CSV}", f"Set the header Content-Type to {JSON} or {CSV}.")
