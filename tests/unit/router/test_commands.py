"""What the router's commands say to a person at a terminal of 80 columns."""

import inspect
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from fingerpost_router import book_commands, rule_commands, shown_rules
from fingerpost_router.domain.rule_lifecycle import RuleSetRecord, previewed
from fingerpost_router.shown_times import in_words, partnership_zone
from fingerpost_shared.contracts.actions import ActionAnswered, RuleSetState
from fingerpost_shared.contracts.ids import read_reference, reference_of
from fingerpost_shared.contracts.queries.rule_sets import LiveRuleSet, RuleSetsPage, RuleSetView
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.reconciling import Reconciliation

HEREFORDSHIRE = Path(__file__).parents[3] / "config" / "herefordshire"
REFERENCE = reference_of(UUID("7a57bfeb-b404-8e2e-91d5-f249645f0813"), "HC")
NOW = datetime(2026, 11, 26, 22, 0, tzinfo=UTC)
HASHES = tuple(digit * 64 for digit in "abc")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FINGERPOST_PARTNERSHIP_DIR", raising=False)


def refusal(reference: str, monkeypatch: pytest.MonkeyPatch) -> str:
    async def nobody(*_arguments: Any) -> None:
        return None

    monkeypatch.setattr(book_commands, "_asking", lambda *_arguments: None)
    with pytest.raises(CommandFailed) as caught:
        book_commands.show_status(reference)
    assert caught.value.exit_code == 1
    return str(caught.value)


def test_a_slip_no_reference_and_an_unknown_one_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    slip = REFERENCE[:-1] + ("A" if REFERENCE[-1] != "A" else "B")
    assert "has a slip" in refusal(slip, monkeypatch)
    assert "is no reference" in refusal("not-a-reference", monkeypatch)
    assert "is no reference" in refusal("", monkeypatch)
    assert "No referral here has the reference" in refusal(REFERENCE.lower(), monkeypatch)
    assert "No referral here has the reference" in refusal("7a57bfeb-b404-8e2e-91d5-f249645f0813", monkeypatch)


def test_what_is_in_quarantine_is_told_with_where_to_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = reference_of(UUID(int=7), "Q")
    assert refusal(reference.lower(), monkeypatch).startswith(f"{reference} is in quarantine and no referral yet; the console shows why")


def test_the_example_of_a_reference_is_one() -> None:
    written = re.findall(r"HC-[0-9A-Z-]{13}", f"{book_commands.show_status.__doc__} {inspect.getsource(book_commands)}")
    assert len(written) == 3
    assert all(map(read_reference, written))


def test_the_books_are_named_whole(capsys: pytest.CaptureFixture[str]) -> None:
    book_commands._show_books(Reconciliation(1234, 1, 2, 3, 4, ("a", "b"), False, 5, 6))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["received", "1,234"]
    assert ["quarantined", "3"] in lines
    assert ["unaccounted", "2"] in lines
    assert ["unaccounted:", "b"] in lines


def test_a_due_time_is_never_cut_and_names_its_zone_where_that_is_not_the_partnerships(capsys: pytest.CaptureFixture[str]) -> None:
    leg = {"destination": "domestic_abuse_subgroup", "role": "lead", "band": "P1", "state": "acknowledged", "owner": "dora_samplewood"}
    due = "2026-11-30T21:23:00+00:00"
    book_commands._show({"reference": REFERENCE, "status": "owned", "kinds": ["asb"], "legs": [{**leg, "due_at": due}], "alerts": []})
    shown = capsys.readouterr().out
    assert "Mon 30 Nov 2026 21:23 UTC" in shown
    assert {"domestic", "subgroup", "acknowledged", "samplewood"} <= set(shown.split())


def test_times_are_the_partnerships_where_its_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINGERPOST_PARTNERSHIP_DIR", str(HEREFORDSHIRE))
    assert in_words(datetime(2027, 7, 1, 8, tzinfo=UTC), partnership_zone()) == "Thu 1 Jul 2027 09:00"
    assert partnership_zone("Asia/Tokyo") == partnership_zone()
    monkeypatch.setenv("FINGERPOST_PARTNERSHIP_DIR", "/nowhere")
    assert partnership_zone() is None


@pytest.mark.parametrize(
    ("written", "due", "published"), [({"timezone": "Europe/London"}, "10:00", "00:00"), ({}, "09:00 UTC", "23:00 UTC")]
)
def test_times_are_those_of_the_system_that_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], written: dict[str, str], due: str, published: str
) -> None:
    keys = tmp_path / "credentials.json"
    keys.write_text("{}")
    (tmp_path / "run.json").write_text(json.dumps({"intake": "http://i", "nats": "nats://n", "credentials": str(keys), **written}))
    leg = {"destination": "asb_panel", "role": "lead", "band": "P1", "state": "open", "owner": None, "due_at": "2027-07-01T09:00:00+00:00"}
    found = {"reference": REFERENCE, "status": "routed", "kinds": ["asb"], "legs": [leg], "alerts": []}
    monkeypatch.setattr(book_commands, "_asking", lambda *_arguments: found)
    book_commands.show_status(REFERENCE, tmp_path)
    assert f"Thu 1 Jul 2027 {due}" in " ".join(capsys.readouterr().out.split())

    live = LiveRuleSet(seq=1, hash=HASHES[0], live_from=datetime(2027, 6, 30, 23, tzinfo=UTC), by="cora")
    page = a_page().model_copy(update={"publications": (live,)})
    monkeypatch.setattr(rule_commands, "_asking", lambda *_arguments: page)
    rule_commands.list_sets(tmp_path)
    assert f"2027 {published}" in capsys.readouterr().out


def test_a_zone_that_this_machine_does_not_know_is_none() -> None:
    assert partnership_zone("Nowhere/Else") is None
    assert partnership_zone("../etc") is None


def test_a_time_without_a_zone_is_refused_with_how_to_write_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_commands, "_step", lambda *_arguments, **_more: pytest.fail("it was published"))
    for written in ("2027-07-01T09:00", "2027-07-01"):
        with pytest.raises(CommandFailed, match=r"in which zone.*2027-07-01T09:00\+01:00"):
            rule_commands.publish("abc", "cora", written)
    with pytest.raises(CommandFailed, match="is no time"):
        rule_commands.publish("abc", "cora", "tomorrow")


def a_page() -> RuleSetsPage:
    title = "Herefordshire Community Safety Partnership referral routing"
    author, second = "cora_rulesmith", "caspar_secondsign"
    sets = [
        RuleSetView(hash=one, ruleset=n, title=title, state="approved", author=author, findings=0, approved_by=second)
        for n, one in enumerate(HASHES, 1)
    ]
    begins = (NOW - timedelta(days=9), NOW - timedelta(days=1), NOW + timedelta(days=8), NOW + timedelta(days=7))
    hashes = (HASHES[0], HASHES[1], HASHES[2], HASHES[0])
    live = [LiveRuleSet(seq=n, hash=one, live_from=at, by=author) for n, (one, at) in enumerate(zip(hashes, begins, strict=True), 1)]
    return RuleSetsPage(rule_sets=tuple(sets), publications=tuple(live))


def rendered(table: Any) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_list_of_sets_keeps_the_hash_whole_and_says_which_is_in_force() -> None:
    shown = rendered(shown_rules.table_of_sets(a_page(), NOW))
    states = {one: next(line for line in shown.splitlines() if one[:12] in line) for one in HASHES}
    assert "in force" in states[HASHES[1]]
    assert shown.count("in force") == 1
    first, second = (place for place, line in enumerate(shown.splitlines()) for one in HASHES[:2] if one[:12] in line)
    assert second - first <= 4  # two lines of title, two of people
    assert {"Herefordshire", "Partnership", "cora_rulesmith,", "caspar_secondsign"} <= set(shown.split())


def test_each_publication_has_a_standing() -> None:
    shown = rendered(shown_rules.table_of_publications(a_page(), NOW)).splitlines()
    standings = [line.split("cora_rulesmith")[1].strip() for line in shown if "cora_rulesmith" in line]
    assert standings == ["replaced", "in force", "withdrawn", "announced"]
    assert any(line.split()[-1:] == ["standing"] for line in shown)


def test_a_draft_with_findings_says_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    rule_commands._tell(answered(a_state("draft", findings=("There is a gap.",))), as_json=False)
    assert "draft it again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("state", "step"),
    [("checked", "rules preview RULES"), ("previewed", "rules approve aaaaaaaaaaaa"), ("approved", "rules publish aaaaaaaaaaaa")],
)
def test_a_step_says_which_comes_next(state: str, step: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule_commands._tell(answered(a_state(state)), as_json=False)
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"aaaaaaaaaaaa: {state}"
    assert f"'fingerpost {step} --by COORDINATOR" in second


def test_a_publication_names_what_it_withdraws_and_what_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    gone = LiveRuleSet(seq=2, hash=HASHES[1], live_from=datetime(2026, 11, 30, 9, tzinfo=UTC), by="caspar")
    state = a_state("approved", live_from=NOW, withdrawn=(gone,), also_from=(NOW - timedelta(days=1),))
    rule_commands._tell(answered(state), as_json=False)
    said = "announced from Thu 26 Nov 2026 22:00 UTC; withdrawn: bbbbbbbbbbbb of Mon 30 Nov 2026 09:00 UTC; "
    assert capsys.readouterr().out == f"aaaaaaaaaaaa: {said}also announced from Wed 25 Nov 2026 22:00 UTC, which stands\n"


def test_a_publication_that_says_nothing_new_is_called_that(capsys: pytest.CaptureFixture[str]) -> None:
    rule_commands._tell(answered(a_state("approved", live_from=NOW, was_announced=True)), as_json=False)
    assert capsys.readouterr().out == "aaaaaaaaaaaa: already announced from Thu 26 Nov 2026 22:00 UTC\n"


def a_state(state: str, **more: Any) -> RuleSetState:
    return RuleSetState.model_validate({"hash": HASHES[0], "ruleset": 2, "state": state, "author": "cora", "approved_by": None, **more})


def answered(state: RuleSetState) -> ActionAnswered:
    return ActionAnswered(action_id=UUID(int=1), result="done", code="draft", help="It is done.", rule_set=state)


def test_one_finding_is_one_finding() -> None:
    record = RuleSetRecord(HASHES[0], 2, "A trial", NOW, "draft", "cora", 1, None, None)
    refused = previewed(record, {})
    assert refused.help == "It has 1 finding: mend it and draft it again."  # type: ignore[union-attr]
