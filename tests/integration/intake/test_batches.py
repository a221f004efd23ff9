"""CSV files: good rows go on, bad rows and bad files are kept with their reasons, and the same file again has no second effect."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from fingerpost_intake.adapters.look_ups import LookUps
from fingerpost_intake.samples import as_csv, messy_samples, sample
from fingerpost_shared.contracts.queries.intake import ReferralQuery
from fingerpost_shared.runtime.database import open_database
from tests.integration.intake.looking import (
    item_in_quarantine,
    outcomes_between,
    quarantine_reference,
    quarantined_content,
    quiet_books,
    reasons,
    vaulted,
)
from tests.support.live import Live, eventually, fresh

HEADER = "agency_reference,kinds,narrative,occurred_at,victim_date_of_birth"


def a_reference() -> str:
    return f"T-{uuid4()}"


async def sent(live: Live, content: str | bytes) -> list[dict[str, Any]]:
    """The answer to each row."""
    answer = await live.post_csv(content)
    assert answer.status_code == 202, answer.text
    return answer.json()["rows"]


async def saved(live: Live, reference: str) -> None:
    async def look() -> bool:
        return (await live.ask(ReferralQuery(reference=reference))).found

    await eventually(look)


async def test_good_rows_go_on_and_half_filled_ones_are_kept_with_the_number_that_a_spreadsheet_shows(live: Live) -> None:
    first, second = fresh(sample("asb", 1)), fresh(sample("fraud", 2))
    whole = list(csv.reader(io.StringIO(as_csv([first, second]))))
    half = [a_reference(), *[""] * (len(whole[0]) - 1)]
    ragged = [a_reference(), "asb"]
    text = io.StringIO()
    csv.writer(text).writerows([whole[0], whole[1], half, [], ragged, whole[2]])

    one, without_kind, too_short, two = await sent(live, text.getvalue())

    assert [(row["row"], row["status"]) for row in (one, without_kind, too_short, two)] == [
        (2, "accepted"),
        (3, "quarantined"),
        (5, "quarantined"),
        (6, "accepted"),
    ]
    assert [(error["pointer"], error["code"]) for error in without_kind["errors"]] == [("/kinds", "missing")]
    assert await reasons(live, without_kind["quarantine"]) == [("/kinds", "missing")]
    assert await reasons(live, too_short["quarantine"]) == [("", "cell_count")]
    for row in (one, two):
        await saved(live, row["reference"])


async def test_a_date_that_does_not_exist_keeps_its_row_back_and_names_its_column(live: Live) -> None:
    [row] = await sent(live, f"{HEADER}\r\n{a_reference()},asb,,31/02/2026 22:15,29/02/2025\r\n")
    assert {error["pointer"]: error["code"] for error in row["errors"]} == {
        "occurred_at": "unreadable_cell",
        "victim_date_of_birth": "unreadable_cell",
    }
    assert await reasons(live, row["quarantine"]) == [("occurred_at", "unreadable_cell"), ("victim_date_of_birth", "unreadable_cell")]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
async def test_umlauts_and_pounds_are_in_the_vault_as_they_were_written(live: Live, encoding: str) -> None:
    told = "Frau Müller paid £400 – “just once” – at the café"
    [row] = await sent(live, f"{HEADER}\r\n{a_reference()},fraud,{told},01/07/2026 22:15,03/02/1990\r\n".encode(encoding))
    [details] = await vaulted(live, row["id"])
    assert details["narrative"] == told
    assert details["people"][0]["date_of_birth"] == "1990-02-03"
    assert details["incidents"][0]["occurred_at"] == "2026-07-01T22:15:00+01:00"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"Ref No,Type of Concern,When?,Who\r\nA17,Neighbours,last Tuesday,Mr Notreal\r\n",
            [("header/agency_reference", "missing_column"), ("header/kinds", "missing_column")]
            + [(f"header/{column}", "unknown_column") for column in (1, 2, 3, 4)],
        ),
        (b" , \r\n", [("", "empty_file")]),
        (f"{HEADER}\r\n".encode(), [("", "empty_file")]),
        (f'{HEADER}\r\nA-1,asb,"no end'.encode(), [("", "malformed_csv")]),
        (f"{HEADER}\r\nA-1,asb,x\0y,,\r\n".encode(), [("", "nul_character")]),
        (b"agency_reference,kinds\r\n\x81\r\n", [("", "unknown_encoding")]),
        (b"agency_reference,kinds,kinds\r\n1,asb,asb\r\n", [("header/3", "duplicate_column")]),
    ],
)
async def test_a_file_that_cannot_be_read_is_kept_whole_with_its_reasons(live: Live, content: bytes, expected: list[Any]) -> None:
    [row] = await sent(live, content)
    assert (row["row"], row["status"]) == (0, "quarantined")
    assert await reasons(live, row["quarantine"]) == expected
    assert await quarantined_content(live, row["quarantine"]) == content
    assert (await item_in_quarantine(live, row["quarantine"])).size_bytes == len(content)


async def test_a_file_of_more_rows_than_an_answer_holds_is_answered_with_a_link_to_its_report(live: Live) -> None:
    header, good, bad = "agency_reference,kinds,fact:Ivy Canaryson", a_reference(), a_reference()
    small = await live.post_csv(f"{header}\r\n{bad},asb,yes\r\n")
    large = await live.post_csv(f"{header}\r\n" + f"{good},asb,\r\n" * 1000 + f"{bad},asb,yes\r\n")

    assert [error["pointer"] for error in small.json()["rows"][0]["errors"]] == ["/facts/Ivy Canaryson"]
    answer = large.json()
    assert (large.status_code, answer["rows"], answer["counts"]) == (202, [], {"accepted": 1000, "quarantined": 1})
    assert answer["links"] == {"report": f"/v1/batches/{answer['batch']}"}

    shown = await live.http.get(answer["links"]["report"], headers=live.headers("police"))
    assert shown.status_code == 200
    report = shown.json()
    assert {**report, "rows": []} == {**answer, "links": {}}
    assert [(row["row"], row["status"]) for row in report["rows"]] == [(n, "accepted") for n in range(2, 1002)] + [(1002, "quarantined")]
    await saved(live, report["rows"][0]["reference"])
    kept = report["rows"][-1]
    assert [(error["pointer"], error["code"]) for error in kept["errors"]] == [("/facts", "unknown_fact")]
    assert await reasons(live, kept["quarantine"]) == [("/facts", "unknown_fact")]
    assert (await live.http.get(answer["links"]["report"], headers=live.headers("council"))).status_code == 404


async def test_reports_are_forgotten_after_their_time_and_not_before(live: Live) -> None:
    old, young = uuid4(), uuid4()
    engine = open_database(live.servers.database_urls["intake"], pool=1)
    look_ups = LookUps(engine)
    for batch in (old, young):
        assert await look_ups.keep_batch_report(batch, "police", {"rows": []})
    await live.rows("intake", "UPDATE batch_reports SET made_at = made_at - interval '31 days' WHERE id = $1", old)

    await look_ups.forget_batch_reports(timedelta(days=30))

    assert await look_ups.batch_report(str(old), "police") is None
    assert await look_ups.batch_report(str(young), "police") == {"rows": []}
    await engine.dispose()


async def test_the_same_bad_content_again_the_same_day_is_one_item(live: Live) -> None:
    content = f"Ref No,{uuid4()}\r\n1,2\r\n"
    [first], [again] = await sent(live, content), await sent(live, content)
    before = await quiet_books(live)
    [third] = await sent(live, content)
    assert first["quarantine"] == again["quarantine"] == third["quarantine"]
    assert outcomes_between(before, await quiet_books(live)) == {"resend": 1}
    await item_in_quarantine(live, first["quarantine"])


async def test_the_same_file_again_makes_resends_only(live: Live) -> None:
    referrals = [fresh(sample(kind, 3)) for kind in ("asb", "fraud", "acquisitive", "other", "domestic_abuse")]
    content = as_csv(referrals) + f"{a_reference()},,\r\n"
    before = await quiet_books(live)
    first = await sent(live, content)
    after_first = await quiet_books(live)
    assert outcomes_between(before, after_first) == {"referral": 5, "quarantine": 1}

    again = await sent(live, content)

    assert again == first
    assert outcomes_between(after_first, await quiet_books(live)) == {"resend": 6}


async def test_of_two_rows_of_a_referral_the_later_one_is_its_newest_version_though_it_alone_is_urgent(live: Live) -> None:
    names = [a_reference() for _ in range(30)]
    rows = [f"{name},acquisitive,{weapon},no,{status}" for weapon, status in (("none", "new"), ("bladed", "new")) for name in names]
    withdrawn = a_reference()
    rows += [f"{withdrawn},acquisitive,bladed,no,new", f"{withdrawn},acquisitive,none,no,withdrawn"]
    before = await quiet_books(live)

    answers = await sent(live, "agency_reference,kinds,fact:weapon,fact:child_at_risk,status\n" + "\n".join(rows))

    assert outcomes_between(before, await quiet_books(live)) == {"referral": 31, "update": 30, "withdrawal": 1}
    identities = [UUID(row["id"]) for row in answers[:30]]
    newest = await live.rows("intake", "SELECT version, facts->>'weapon' AS weapon FROM referrals WHERE id = ANY($1)", identities)
    assert {(row["version"], row["weapon"]) for row in newest} == {(2, "bladed")}
    [gone] = await live.rows("intake", "SELECT status FROM referrals WHERE id = $1", UUID(answers[-1]["id"]))
    assert gone["status"] == "withdrawn"


async def test_of_two_rows_of_a_referral_in_a_file_by_nats_the_later_one_is_its_newest_version(live: Live) -> None:
    name = a_reference()
    fillers = "".join(f"{a_reference()},other,,\n" for _ in range(300))
    header = "agency_reference,kinds,fact:weapon,fact:child_at_risk\n"
    content = f"{header}{name},acquisitive,none,no\n{fillers}{name},acquisitive,bladed,no\n"
    before = await quiet_books(live)
    await live.publish_as_agency(content.encode(), headers={"Content-Type": "text/csv"})
    assert outcomes_between(before, await quiet_books(live)) == {"referral": 301, "update": 1}
    [again] = await sent(live, f"{header}{name},acquisitive,bladed,no\n")
    [row] = await live.rows("intake", "SELECT version, facts->>'weapon' AS weapon FROM referrals WHERE id = $1", UUID(again["id"]))
    assert (row["version"], row["weapon"]) == (2, "bladed")


async def test_a_referral_by_json_and_then_by_csv_is_an_exact_resend(live: Live) -> None:
    referral = {"agency_reference": a_reference(), "kinds": ["asb"], "narrative": "Noise again.", "facts": {"asb": ["noise"]}}
    first = (await live.post(referral)).json()
    await saved(live, first["reference"])
    before = await quiet_books(live)
    [row] = await sent(live, as_csv([referral]))
    assert row["id"] == first["id"]
    assert outcomes_between(before, await quiet_books(live)) == {"resend": 1}


@pytest.mark.parametrize(("what", "content"), [(what, content) for what, kind, content in messy_samples() if kind.startswith("text/csv")])
async def test_each_messy_sample_is_answered_row_by_row_and_nothing_is_lost(live: Live, what: str, content: bytes) -> None:
    rows = await sent(live, content)
    assert rows, what
    for row in rows:
        if row["status"] == "quarantined":
            assert row["errors"]
            assert all(error["help"] for error in row["errors"])
            await item_in_quarantine(live, row["quarantine"])
        else:
            await saved(live, row["reference"])


async def test_a_file_by_nats_takes_the_same_path(live: Live) -> None:
    good, bad = a_reference(), a_reference()
    content = f"{HEADER}\r\n{good},asb,£5 for Müller,,\r\n{bad},asb,,31/02/2026,\r\n".encode("cp1252")
    before = await quiet_books(live)
    await live.publish_as_agency(content, headers={"Content-Type": "text/csv"})
    assert outcomes_between(before, await quiet_books(live)) == {"referral": 1, "quarantine": 1}
    [row, kept] = await sent(live, content)
    [details] = await vaulted(live, row["id"])
    assert details["narrative"] == "£5 for Müller"
    assert await reasons(live, kept["quarantine"]) == [("occurred_at", "unreadable_cell")]

    broken = f"Ref No,{uuid4()}\r\n".encode()
    await live.publish_as_agency(broken, headers={"Content-Type": "text/csv"})
    assert ("header/kinds", "missing_column") in await reasons(live, quarantine_reference(live, broken, "text/csv"))
