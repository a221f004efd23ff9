"""`/v1/batches`: a CSV file of referrals. Good rows go on, urgent ones first; bad rows are quarantined; each row gets its answer."""

import asyncio
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
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
from fingerpost_intake.domain.faults import Fault, Faulty
from fingerpost_intake.domain.normalising import Quarantined, normalise, quarantine, read_referral
from fingerpost_intake.domain.submissions import CSV, ROWS, Reader, chunks
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import LANES, Lane

MOST_ROWS_IN_ANSWER = 1000
MOST_UNREAD_URGENT = 256
MOST_ERRORS_OF_A_ROW = 50  # as many as quarantine keeps
MOST_ERRORS_IN_ANSWER = 100_000
MOST_KEPT_BYTES = 7 * 1024 * 1024  # a message of the stream has at most 8 MB
_ROWS_AT_A_TIME = 50  # between two of them, others get their turn


@dataclass
class _Sorted:
    """A batch's rows by lane, each as its line in the cut file, and the answer to each."""

    by_lane: dict[Lane, list[bytes]] = field(default_factory=lambda: {lane: [] for lane in LANES})
    answers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def router(access: Access, accepting: Accepting, look_ups: LookUps, reader: Reader, largest: int) -> APIRouter:
    """The routes under `/v1/batches`."""
    routes = APIRouter()

    @routes.post("/v1/batches", status_code=202)
    async def send_batch(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        """Send a CSV file. The same file again makes exact resends only."""
        agency = access.agency_of(request)
        expect_type(request, CSV, agency)
        content = await read_body(request, largest, agency)
        batch, today = uuid4(), reader.by.day_of(accepting.now())
        file = await csv_files.cut(content)
        if file.faults:
            answers = [await _keep_file(agency, content, file.faults, today)]
        else:
            rows = await _sort(file, agency, today, reader)
            await _accept(accepting, agency, file, rows.by_lane)
            answers = rows.answers
        return await _answer(batch, agency, answers, file.encoding)

    @routes.get("/v1/batches/{batch}")
    async def show_batch(batch: UUID, request: Request) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The report of a large batch: what became of each row."""
        agency = access.agency_of(request)
        report = await ask_book(look_ups.batch_report(batch, agency), agency)
        if report is None:
            raise Problem(404, "not-found", "No batch of yours has this id.", agency=agency)
        return report

    async def _keep_file(agency: str, content: bytes, faults: tuple[Fault, ...], today: date) -> dict[str, Any]:
        if len(content) > MOST_KEPT_BYTES:
            detail = "The file cannot be read, and is too large to be kept for a person to look at; it is still with you."
            raise Problem(422, "unreadable-file", detail, faults, agency=agency)
        await accepting.accept(agency, "urgent", CSV, content)
        return _quarantined(0, quarantine(agency, CSV, content, faults, today, reader.by), faults)

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


async def _accept(accepting: Accepting, agency: str, file: csv_files.CutFile, by_lane: Mapping[Lane, Sequence[bytes]]) -> None:
    has_begun = False
    for lane in LANES:
        for chunk in chunks(map(file.row, by_lane[lane])):
            await accepting.accept(agency, lane, ROWS, chunk, follows_others=has_begun)
            has_begun = True


async def _sort(file: csv_files.CutFile, agency: str, today: date, reader: Reader) -> _Sorted:
    """Read each row as the consumer will, to know its lane and to answer for it.

    What can't be read travels with the urgent rows, for it may be urgent; but a file that is wrong throughout does not hold up that lane.
    """
    rows = _Sorted()
    errors_left = MOST_ERRORS_IN_ANSWER
    for place, line in enumerate(file.lines):
        if place % _ROWS_AT_A_TIME == 0:
            await asyncio.sleep(0)
        row = file.row(line)
        try:
            normalised = normalise(read_referral(reader.read_row(row)), agency, today, reader.by)
        except Faulty as error:
            content = json.dumps(row, ensure_ascii=False).encode()
            kept = quarantine(agency, ROWS, content, error.faults, today, reader.by)
            told = error.faults[: max(1, min(MOST_ERRORS_OF_A_ROW, errors_left))]
            errors_left -= len(told)
            rows.answers.append(_quarantined(row["row"], kept, told))
            rows.by_lane["urgent" if len(rows.by_lane["urgent"]) < MOST_UNREAD_URGENT else "routine"].append(line)
            continue
        rows.by_lane[normalised.lane].append(line)
        reference = ids.reference_of(normalised.referral_id, reader.by.reference_prefix)
        rows.answers.append({"row": row["row"], "status": "accepted", "id": str(normalised.referral_id), "reference": reference})
    return rows


def _quarantined(row: int, kept: Quarantined, faults: Sequence[Fault]) -> dict[str, Any]:
    reference = ids.reference_of(kept.quarantine_id, ids.QUARANTINE_PREFIX)
    return {"row": row, "status": "quarantined", "quarantine": reference, "errors": [asdict(fault) for fault in faults]}


def _as_kept(row: dict[str, Any], words: Container[str]) -> dict[str, Any]:
    """A row's answer for the book, which is not sealed: its errors' places in our own words, for a column's name is its sender's (I8)."""
    if "errors" not in row:
        return row
    return {**row, "errors": [{**error, "pointer": Fault(**error).reason(words).pointer} for error in row["errors"]]}
