"""What came over HTTP is understood as of the moment at which it was answered, and nobody but intake can say when that was."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.adapters.csv_files import parts_of_file
from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.app import read_submission
from fingerpost_intake.domain import arrivals
from fingerpost_intake.domain.normalising import Quarantined
from fingerpost_intake.domain.submissions import CSV, Submission
from fingerpost_shared.contracts.ids import QUARANTINE_PREFIX, reference_of
from tests.unit.intake.building import BY, READER, understood
from tests.unit.intake.edge import Book, Store, an_edge

KEY, BODY = BY.id_key, b'{"kinds": ["abuse"], "agency_reference": "A-1"}'
EVENING = datetime(2026, 9, 1, 22, 59, 59, 900_000, tzinfo=UTC)  # a moment before midnight, local summer time
STORED_AT = EVENING + timedelta(seconds=1)
MOMENTS = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=1))))


def read(content: bytes, headers: dict[str, str], agency: str = "police") -> Submission:
    metadata = SimpleNamespace(timestamp=STORED_AT, sequence=SimpleNamespace(stream=7))
    message: Any = SimpleNamespace(
        subject=f"submission.received.v1.urgent.{agency}", data=content, headers=headers, metadata=metadata, reply=""
    )
    return read_submission(message, KEY)


@given(MOMENTS, st.binary(max_size=50))
def test_what_the_edge_tells_is_read_again_to_the_microsecond(at: datetime, content: bytes):
    assert arrivals.arrived_at(KEY, "police", content, arrivals.arrival(KEY, "police", content, at)) == at


@given(st.text())
def test_any_other_header_tells_nothing(header: str):
    assert arrivals.arrived_at(KEY, "police", BODY, header) is None


@pytest.mark.parametrize(
    ("key", "agency", "content", "time"),
    [
        (b"xx" * 16, "police", BODY, EVENING),
        (KEY, "council", BODY, EVENING),
        (KEY, "police", b"other", EVENING),
    ],
)
def test_a_mark_of_another_key_agency_or_content_does_not_hold(key: bytes, agency: str, content: bytes, time: datetime):
    forged = arrivals.arrival(key, agency, content, time)
    submission = read(BODY, {"Content-Type": "application/json", arrivals.HEADER: forged})
    assert (submission.as_of, submission.received_at) == (STORED_AT, STORED_AT)


def test_a_mark_does_not_hold_for_another_time():
    time, mark = arrivals.arrival(KEY, "police", BODY, EVENING).split(" ")
    assert arrivals.arrived_at(KEY, "police", BODY, f"{time.replace('2026', '2062')} {mark}") is None


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/v1/referrals", "application/json", BODY),
        ("/v1/batches", "text/csv", b"agency_reference,kinds\nA-1,no_such_kind\n"),
        ("/v1/batches", "text/csv", b"Ref No\n1\n"),
    ],
)
async def test_what_is_stored_after_midnight_is_kept_under_the_reference_that_was_answered_before(
    monkeypatch: pytest.MonkeyPatch, path: str, content_type: str, body: bytes
):
    monkeypatch.setattr(Accepting, "now", staticmethod(lambda: EVENING))
    store = Store()
    async with an_edge(store, Book()) as client:
        answer = (await client.post(path, content=body, headers={"Content-Type": content_type})).json()
    told = answer.get("reference") or answer["rows"][0]["quarantine"]

    submission = read(store.taken[0], store.headers[0])
    assert (submission.as_of, submission.received_at) == (EVENING, STORED_AT)
    parts = await parts_of_file(submission, READER) if submission.content_type == CSV else READER.parts(submission)
    [entry] = understood(parts)
    assert isinstance(entry.result, Quarantined)
    assert reference_of(entry.result.quarantine_id, QUARANTINE_PREFIX) == told
