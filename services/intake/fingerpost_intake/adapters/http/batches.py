"""`/v1/batches`: a CSV file of referrals. Good rows go on, urgent ones first; bad rows are quarantined; each row gets its answer."""

import asyncio
import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from fingerpost_intake.adapters import csv_files
from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import Access
from fingerpost_intake.adapters.http.asking import ask_book
from fingerpost_intake.adapters.http.bodies import expect_type, read_body
from fingerpost_intake.adapters.http.problems import Problem
from fingerpost_intake.adapters.look_ups import LookUps
from fingerpost_intake.domain.faults import MOST_FAULTS, Fault, Faulty
from fingerpost_intake.domain.normalising import normalise, quarantine_id, read_referral
from fingerpost_intake.domain.submissions import CSV, ROWS, Reader, chunks
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import LANES, Lane

MOST_ROWS_IN_ANSWER = 1000
MOST_UNREAD_URGENT = 256
MOST_ERRORS_IN_ANSWER = 20_000  # to write down many more stops all else for long
MOST_KEPT_BYTES = 7 * 1024 * 1024  # a message of the stream has at most 8 MB
_ROWS_AT_A_TIME = 50  # between two of them, others get their turn


@dataclass
class _Sorted:
    """A batch's rows, each as its line in the cut file with the id of what it becomes; the lane of each id, and the answer to each row."""

    rows: list[tuple[bytes, UUID]] = field(default_factory=list[tuple[bytes, UUID]])
    lanes: dict[UUID, Lane] = field(default_factory=dict[UUID, Lane])
    answers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, line: bytes, becomes: UUID, lane: Lane, answer: dict[str, Any]) -> None:
        """One row more. If it is urgent, then so are all that become the same."""
        self.rows.append((line, becomes))
        self.lanes[becomes] = "urgent" if "urgent" in (lane, self.lanes.get(becomes)) else lane
        self.answers.append(answer)

    def of_lane(self, lane: Lane) -> Iterator[bytes]:
        """The lines of one lane in the file's order. All rows of a referral are among them: the last to arrive is the newest version."""
        return (line for line, becomes in self.rows if self.lanes[becomes] == lane)


def router(access: Access, accepting: Accepting, look_ups: LookUps, reader: Reader, largest: int) -> APIRouter:
    """The routes under `/v1/batches`."""
    routes = APIRouter()

    @routes.post("/v1/batches", status_code=202)
    async def send_batch(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        """Send a CSV file. The same file again makes exact resends only."""
        agency = access.agency_of(request)
        expect_type(request, CSV, agency)
        content = await read_body(request, largest, agency)
        batch, now = uuid4(), accepting.now()
        file = await csv_files.cut(content)
        if file.faults:
            answers = [await _keep_file(agency, content, file.faults[:MOST_FAULTS], now)]
        else:
            rows = await _sort(file, agency, now, reader)
            await _accept(accepting, agency, file, rows, now)
            answers = rows.answers
        return await _answer(batch, agency, answers, file.encoding)

    @routes.get("/v1/batches/{batch}")
    async def show_batch(batch: str, request: Request) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The report of a large batch: what became of each row."""
        agency = access.agency_of(request)
        report = await ask_book(look_ups.batch_report(batch, agency), agency)
        if report is None:
            raise Problem(404, "not-found", "No batch of yours has this id.", agency=agency)
        return report

    async def _keep_file(agency: str, content: bytes, faults: tuple[Fault, ...], now: datetime) -> dict[str, Any]:
        if len(content) > MOST_KEPT_BYTES:
            detail = "The file cannot be read, and is too large to be kept for a person to look at; it is still with you."
            raise Problem(422, "unreadable-file", detail, faults, agency=agency)
        await accepting.accept(agency, "urgent", CSV, content, now)
        return _quarantined(0, quarantine_id(agency, content, now, reader.by), faults)

    async def _answer(batch: UUID, agency: str, answers: list[dict[str, Any]], encoding: str) -> JSONResponse:
        counts = {status: sum(row["status"] == status for row in answers) for status in ("accepted", "quarantined")}
        answer: dict[str, Any] = {"batch": str(batch), "encoding": encoding, "counts": counts, "rows": answers, "links": {}}
        if len(answers) <= MOST_ROWS_IN_ANSWER:
            return JSONResponse(answer, 202)
        report = {**answer, "rows": [_as_kept(row, reader.by.words) for row in answers]}
        if await look_ups.keep_batch_report(batch, agency, report):
            answer = {**answer, "rows": [], "links": {"report": f"/v1/batches/{batch}"}}
        return JSONResponse(answer, 202)

    return routes


async def _accept(accepting: Accepting, agency: str, file: csv_files.CutFile, rows: _Sorted, now: datetime) -> None:
    """One chunk after the other, each with its receipt: the stream's times keep the order of a lane, however its consumers take them."""
    has_begun = False
    for lane in LANES:
        for chunk in chunks(map(file.row, rows.of_lane(lane))):
            await accepting.accept(agency, lane, ROWS, chunk, now, follows_others=has_begun)
            has_begun = True


async def _sort(file: csv_files.CutFile, agency: str, now: datetime, reader: Reader) -> _Sorted:
    """Read each row as the consumer will, to know its lane and to answer for it.

    All rows of a referral travel in the most urgent lane of any of them: in two, an earlier row could arrive after a later one. What can't
    be read travels with the urgent rows, for it may be urgent; but a file that is wrong throughout does not hold up that lane.
    """
    rows = _Sorted()
    unread, errors_left = 0, MOST_ERRORS_IN_ANSWER
    for place, line in enumerate(file.lines):
        if place % _ROWS_AT_A_TIME == 0:
            await asyncio.sleep(0)
        row = file.row(line)
        try:
            normalised = normalise(read_referral(reader.read_row(row)), agency, now, reader.by)
        except Faulty as error:
            told = error.faults[: max(1, errors_left)]
            kept = quarantine_id(agency, json.dumps(row, ensure_ascii=False).encode(), now, reader.by)
            rows.add(line, kept, "urgent" if unread < MOST_UNREAD_URGENT else "routine", _quarantined(row["row"], kept, told))
            unread, errors_left = unread + 1, errors_left - len(told)
            continue
        rows.add(line, normalised.referral_id, normalised.lane, _accepted(row["row"], normalised.referral_id, reader.by.reference_prefix))
    return rows


def _accepted(row: int, identity: UUID, prefix: str) -> dict[str, Any]:
    return {"row": row, "status": "accepted", "id": str(identity), "reference": ids.reference_of(identity, prefix)}


def _quarantined(row: int, identity: UUID, faults: Sequence[Fault]) -> dict[str, Any]:
    reference = ids.reference_of(identity, ids.QUARANTINE_PREFIX)
    return {"row": row, "status": "quarantined", "quarantine": reference, "errors": [vars(fault) for fault in faults]}


def _as_kept(row: dict[str, Any], words: Container[str]) -> dict[str, Any]:
    """A row's answer for the book, which is not sealed: its errors' places in our own words, for a column's name is its sender's (I8)."""
    if "errors" not in row:
        return row
    return {**row, "errors": [{**error, "pointer": Fault(**error).place(words)} for error in row["errors"]]}
