"""What the sender of a file is answered when the message store stops half-way, and how much an answer can hold."""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from nats.errors import MaxPayloadError
from nats.errors import TimeoutError as NoReceipt

from fingerpost_intake.adapters.http import batches
from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import Access
from fingerpost_intake.adapters.http.problems import Problem, show_problem
from fingerpost_intake.domain.submissions import MOST_ROWS
from tests.unit.intake.building import READER

HEADER = "agency_reference,kinds,fact:weapon"
UNKNOWN_FACTS = ",".join(f"fact:unknown_{place:02}" for place in range(60))


@dataclass
class Store:
    """A message store that takes so many messages, and then fails."""

    takes: int = 1000
    failure: Exception = field(default_factory=NoReceipt)
    taken: list[bytes] = field(default_factory=list[bytes])
    rows: Counter[str] = field(default_factory=Counter[str])

    async def publish_raw(self, subject: str, body: bytes, _headers: dict[str, str]) -> None:
        if len(self.taken) >= self.takes:
            raise self.failure
        self.taken.append(body)
        self.rows[subject.split(".")[3]] += len(json.loads(body)["rows"])


class Book:
    """A book that keeps every report."""

    def __init__(self) -> None:
        self.reports: dict[UUID, Any] = {}

    async def keep_batch_report(self, batch: UUID, _agency: str, report: Any) -> bool:
        self.reports[batch] = report
        return True


@asynccontextmanager
async def an_edge(store: Store, book: Book) -> AsyncIterator[httpx.AsyncClient]:
    service: Any = SimpleNamespace(nats=SimpleNamespace(is_connected=True), publisher=store)
    look_ups: Any = book
    app = FastAPI()
    app.add_exception_handler(Problem, show_problem)
    access = Access({"police": hashlib.sha256(b"key").hexdigest()})
    app.include_router(batches.router(access, Accepting(service), look_ups, READER, 64 * 1024 * 1024))
    headers = {"Authorization": "Bearer key", "Content-Type": "text/csv"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake", headers=headers) as client:
        yield client


async def sent(content: str, store: Store, book: Book | None = None) -> httpx.Response:
    async with an_edge(store, book or Book()) as client:
        return await client.post("/v1/batches", content=content.encode())


def rows(count: int) -> str:
    return "".join(f"A-{number},asb,\n" for number in range(count))


async def test_without_a_first_receipt_the_file_is_not_taken_and_still_with_its_sender():
    answer = await sent(f"{HEADER}\n{rows(MOST_ROWS + 1)}", Store(takes=0))
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-taken")
    assert "still with you" in answer.json()["detail"]
    assert "Nothing was taken" not in answer.json()["detail"]  # a receipt may be lost where the message is not


async def test_when_a_later_chunk_has_no_receipt_the_sender_learns_that_rows_may_have_been_taken():
    store = Store(takes=1)
    answer = await sent(f"{HEADER}\n{rows(MOST_ROWS + 1)}", store)
    assert len(store.taken) == 1
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/partly-taken")
    assert int(answer.headers["retry-after"]) > 0
    for words in ("may have been taken already", "still with you", "not taken twice"):
        assert words in answer.json()["detail"]


@pytest.mark.parametrize(("takes", "says_more"), [(0, False), (1, True)])
async def test_a_row_too_large_to_be_taken_says_whether_others_were_taken_before_it(takes: int, says_more: bool):
    answer = await sent(f"{HEADER}\n{rows(MOST_ROWS + 1)}", Store(takes, MaxPayloadError()))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert ("Other rows may have been taken already" in answer.json()["detail"]) == says_more


async def test_an_answer_names_the_first_50_errors_of_a_row():
    answer = await sent(f"agency_reference,kinds,{UNKNOWN_FACTS}\nA-1,asb{',yes' * 60}\n", Store())
    [row] = answer.json()["rows"]
    assert [error["pointer"] for error in row["errors"]] == [f"/facts/unknown_{place:02}" for place in range(50)]


async def test_past_the_most_errors_of_an_answer_each_row_has_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batches, "MOST_ERRORS_IN_ANSWER", 70)
    bad = "".join(f"A-{number},asb{',yes' * 60}\n" for number in range(4))
    answer = await sent(f"agency_reference,kinds,{UNKNOWN_FACTS}\n{bad}", Store())
    assert [len(row["errors"]) for row in answer.json()["rows"]] == [50, 20, 1, 1]


async def test_a_report_is_kept_without_the_names_that_its_sender_gave_and_the_rows_go_on_as_they_are():
    store, book = Store(), Book()
    answer = await sent(f"agency_reference,kinds,fact:Ivy Canaryson\n{rows(1000)}A-1000,asb,yes\n", store, book)
    [(batch, report)] = book.reports.items()
    assert answer.json()["links"] == {"report": f"/v1/batches/{batch}"}
    assert [error["pointer"] for error in report["rows"][-1]["errors"]] == ["/facts"]
    assert "Canaryson" not in str(report)
    assert b"fact:Ivy Canaryson" in store.taken[0]


async def test_a_file_that_is_wrong_throughout_does_not_hold_up_the_urgent_lane():
    store = Store()
    answer = await sent(HEADER + "\n" + "A-1,no_such_kind,\n" * 900, store)

    assert answer.status_code == 202
    assert {row["status"] for row in answer.json()["rows"]} == {"quarantined"}
    assert store.rows == {"urgent": batches.MOST_UNREAD_URGENT, "routine": 900 - batches.MOST_UNREAD_URGENT}
