"""A rule set comes into force step by step, and never by one person alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fingerpost_router.domain.acting import Refused
from fingerpost_router.domain.rule_lifecycle import (
    LONGEST_AHEAD,
    NOTICE,
    Publication,
    RuleSetRecord,
    announced_beside,
    approved,
    may_act,
    previewed,
    published,
    refuse_bands,
    withdrawn_by,
)
from fingerpost_rules.live import Live, in_force, withdrawn
from tests.unit.router.building import RULES, a_rule_set

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
CHECKED = RuleSetRecord("a" * 64, 2, "Newer rules", NOW - timedelta(days=30), "checked", "cora", 0, None, None)
FIRST = Publication(1, "0" * 64, NOW - timedelta(days=300), "cora")


def code(result: Any) -> str | None:
    return result.code if isinstance(result, Refused) else None


def test_a_set_with_findings_can_be_neither_previewed_nor_approved() -> None:
    faulty = replace(CHECKED, state="draft", findings=3)
    assert code(previewed(faulty, {})) == "not_checked"
    assert code(approved(faulty, "caspar")) == "not_checked"


def test_nobody_approves_what_was_not_previewed() -> None:
    assert code(approved(CHECKED, "caspar")) == "not_previewed"


def test_its_author_cannot_approve_it_and_a_second_person_can() -> None:
    seen = previewed(CHECKED, {"moves": 4})
    assert isinstance(seen, RuleSetRecord)
    assert code(approved(seen, "cora")) == "second_person"
    done = approved(seen, "caspar")
    assert isinstance(done, RuleSetRecord)
    assert (done.state, done.approved_by, done.preview) == ("approved", "caspar", {"moves": 4})


def test_another_look_at_an_approved_set_leaves_it_approved() -> None:
    done = replace(CHECKED, state="approved", approved_by="caspar")
    again = previewed(done, {"moves": 5})
    assert isinstance(again, RuleSetRecord)
    assert (again.state, again.approved_by) == ("approved", "caspar")


@pytest.mark.parametrize(
    ("record", "live_from", "last", "refused"),
    [
        (CHECKED, NOW + NOTICE, FIRST, "not_approved"),
        (replace(CHECKED, state="approved"), NOW + NOTICE - timedelta(seconds=1), FIRST, "too_soon"),
        (replace(CHECKED, state="approved"), NOW + LONGEST_AHEAD + timedelta(seconds=1), FIRST, "too_far"),
        (replace(CHECKED, state="approved", effective_from=NOW + timedelta(days=9)), NOW + timedelta(days=1), FIRST, "before_effective"),
        (replace(CHECKED, state="approved"), NOW + NOTICE, replace(FIRST, live_from=NOW + timedelta(days=2)), None),
        (replace(CHECKED, state="approved"), NOW + NOTICE, FIRST, None),
    ],
)
def test_it_goes_live_when_approved_and_announced_in_time_whatever_else_is_announced(
    record: RuleSetRecord, live_from: datetime, last: Publication, refused: str | None
) -> None:
    result = published(record, "cora", live_from, NOW, [last])
    assert code(result) == refused
    if refused is None:
        assert result == Publication(2, record.hash, live_from, "cora")


def test_the_same_set_for_the_same_time_again_is_no_new_publication() -> None:
    announced = Publication(2, CHECKED.hash, NOW + timedelta(days=1), "caspar")
    record = replace(CHECKED, state="approved")
    assert published(record, "cora", announced.live_from, NOW, [FIRST, announced]) is announced
    shortly_before = announced.live_from - timedelta(seconds=1)
    assert published(record, "cora", announced.live_from, shortly_before, [FIRST, announced]) is announced
    assert code(published(record, "cora", announced.live_from, announced.live_from, [FIRST, announced])) == "too_soon"
    later = Publication(3, "another", NOW + timedelta(days=2), "caspar")
    anew = published(record, "cora", announced.live_from, NOW, [FIRST, announced, later])
    assert anew == Publication(4, CHECKED.hash, announced.live_from, "cora")  # for it withdraws what came between
    assert withdrawn_by(anew, [FIRST, announced, later]) == [later]


def test_a_publication_withdraws_what_was_announced_for_its_time_or_later_and_had_not_been_withdrawn() -> None:
    gone, early, late = (Publication(seq, f"set {seq}", NOW + timedelta(days=days), "caspar") for seq, days in ((2, 9), (3, 1), (4, 5)))
    new = Publication(5, CHECKED.hash, NOW + timedelta(days=3), "cora")
    assert withdrawn_by(new, [FIRST, gone, early, late]) == [late]


def test_the_same_set_may_be_announced_for_several_times() -> None:
    made = [FIRST, *(Publication(seq, CHECKED.hash, NOW + timedelta(days=seq), "cora") for seq in (2, 3, 4))]
    new = Publication(5, CHECKED.hash, NOW + timedelta(days=4), "cora")
    assert announced_beside(new, made, NOW) == made[1:3]
    assert announced_beside(new, made, NOW + timedelta(days=2)) == made[2:3]


def test_only_coordinators_change_the_rules() -> None:
    assert may_act("cora", frozenset({"coordinator"})) is None
    assert code(may_act("dora", frozenset({"operator"}))) == "no_coordinator"


def test_a_publication_for_an_earlier_time_takes_the_place_of_those_announced() -> None:
    announced = replace(FIRST, seq=2, live_from=NOW + timedelta(days=3652))  # a slip of the year
    rolled_back = replace(FIRST, seq=3, live_from=NOW + NOTICE)
    life = [FIRST, announced, rolled_back]
    assert in_force(life, NOW) == FIRST
    assert in_force(life, NOW + NOTICE) == rolled_back
    assert in_force(life, NOW + timedelta(days=4000)) == rolled_back
    assert withdrawn(life) == [announced]


def test_what_was_received_before_a_set_went_live_is_decided_by_the_one_before_for_ever(tmp_path: Path) -> None:
    first, second = a_rule_set(tmp_path).rules, a_rule_set(tmp_path, RULES.replace("ruleset: 1", "ruleset: 2")).rules
    rolled_back_at = NOW + timedelta(hours=1)
    life = [Live(NOW - timedelta(days=300), first), Live(NOW, second), Live(rolled_back_at, first)]
    assert in_force(life, NOW - timedelta(microseconds=1)) is life[0]
    assert in_force(life, NOW) is life[1]
    assert in_force(life, rolled_back_at) is life[2]
    assert in_force(life, NOW - timedelta(days=900)) is life[0]


@pytest.mark.parametrize(
    ("bands", "is_fit"),
    [
        (("P1", "P2", "P3", "P4"), True),
        (("P2", "P5"), True),
        (("P2", "P1"), False),
        (("Red", "Amber"), False),
        (("P1", "P10"), False),
    ],
)
def test_a_set_is_kept_only_with_bands_that_queues_and_alerts_can_go_by(bands: tuple[str, ...], is_fit: bool) -> None:
    refused = refuse_bands(bands)

    assert (refused is None) == is_fit
    assert refused is None or refused.code == "unfit_bands"
