"""What the sender of a file is answered when the message store stops half-way, how much an answer can hold, and the lane of each row."""

from collections.abc import Sequence

import httpx
import pytest
from nats.errors import MaxPayloadError

from fingerpost_intake.adapters.http import batches
from fingerpost_intake.domain import faults
from fingerpost_intake.domain.faults import MOST_FAULTS, MOST_SUGGESTED
from fingerpost_intake.domain.submissions import MOST_ROWS
from fingerpost_rules import facts as facts_file
from fingerpost_rules.nearest import nearest
from tests.unit.intake.edge import Book, Store, an_edge

HEADER = "agency_reference,kinds,fact:weapon"
UNKNOWN_FACTS = ",".join(f"fact:unknown_{place:02}" for place in range(60))


async def sent(content: str, store: Store, book: Book | None = None) -> httpx.Response:
    async with an_edge(store, book or Book()) as client:
        return await client.post("/v1/batches", content=content.encode())


def looking_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for which a near one is looked for from now on, as often as it is done."""
    looked_up: list[str] = []

    def remember(name: str, known: Sequence[str]) -> str | None:
        looked_up.append(name)
        return nearest(name, known)

    faults._near_name.cache_clear()
    monkeypatch.setattr(faults, "nearest", remember)
    return looked_up


def rows(count: int) -> str:
    return "".join(f"A-{number},asb,\n" for number in range(count))


ROUTINE, URGENT = "acquisitive,none,no,new", "acquisitive,bladed,no,new"
WITHDRAWN = ROUTINE.replace("new", "withdrawn")


@pytest.mark.parametrize("rows_of_one", [(ROUTINE, URGENT), (URGENT, ROUTINE), (URGENT, WITHDRAWN), (ROUTINE, URGENT, ROUTINE)])
async def test_all_rows_of_a_referral_travel_in_the_most_urgent_lane_of_any_of_them_in_the_files_order(rows_of_one: tuple[str, ...]):
    store = Store()
    others = [f"B-{number},{ROUTINE}" for number in range(MOST_ROWS)]
    first, *later = (f"A-1,{row}" for row in rows_of_one)
    answer = await sent("agency_reference,kinds,fact:weapon,fact:child_at_risk,status\n" + "\n".join([first, *others, *later]), store)

    assert {row["status"] for row in answer.json()["rows"]} == {"accepted"}
    wanted = [2, *range(3 + MOST_ROWS, 3 + MOST_ROWS + len(later))]
    assert [number for lane, number in store.order if lane == "urgent"] == wanted
    assert [number for lane, number in store.order if lane == "routine"] == list(range(3, 3 + MOST_ROWS))


async def test_rows_of_referrals_that_are_all_routine_do_not_travel_with_the_urgent_ones():
    store = Store()
    await sent(f"agency_reference,kinds,fact:weapon,fact:child_at_risk,status\nA-1,{ROUTINE}\nA-1,{WITHDRAWN}\nA-2,{URGENT}\n", store)
    assert store.order == [("urgent", 4), ("routine", 2), ("routine", 3)]


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


async def test_a_file_whose_header_is_wrong_throughout_has_the_first_50_errors_and_few_suggestions(monkeypatch: pytest.MonkeyPatch):
    looked_up = looking_up(monkeypatch)
    header = ",".join(f"narativ_{place}" for place in range(190))
    [row] = (await sent(f"{header}\n{'x,' * 189}x\n", Store())).json()["rows"]
    assert len(row["errors"]) == MOST_FAULTS
    assert 0 < len(looked_up) <= MOST_SUGGESTED


async def test_what_is_misspelt_in_every_row_of_a_file_is_looked_up_once(monkeypatch: pytest.MonkeyPatch):
    looked_up = looking_up(monkeypatch)
    columns = ",".join(f"fact:weapn_{place:02}" for place in range(12))
    answer = await sent(f"agency_reference,kinds,{columns}\n" + "".join(f"A-{n},asb{',bladed' * 12}\n" for n in range(300)), Store())

    assert {len(row["errors"]) for row in answer.json()["rows"]} == {12}
    assert 0 < len(looked_up) <= MOST_SUGGESTED


async def test_a_word_that_is_no_value_of_its_fact_is_not_looked_up_for_an_error_that_nobody_reads(monkeypatch: pytest.MonkeyPatch):
    looked_up: list[str] = []
    monkeypatch.setattr(facts_file, "hint", lambda word, _known: looked_up.append(word) or "")
    answer = await sent("agency_reference,kinds,fact:asb\n" + "".join(f"A-{n},nonsense {n},noize {n}\n" for n in range(20)), Store())

    assert {len(row["errors"]) for row in answer.json()["rows"]} == {2}
    assert looked_up == []


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
