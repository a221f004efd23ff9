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
    approved,
    may_act,
    previewed,
    published,
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
    result = published(record, "cora", live_from, NOW, last)
    assert code(result) == refused
    if refused is None:
        assert result == Publication(2, record.hash, live_from, "cora")


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
