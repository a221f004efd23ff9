"""Every form of a cell accepts exactly the values it names; every other text is refused with what to write."""

import pytest

from fingerpost_rules import read_facts
from fingerpost_rules.cells import meets
from fingerpost_rules.offers import CellError, read_cell
from tests.unit.rules.examples import FACTS

WEAPONS = ["none", "other", "bladed", "firearm", "unknown"]

SCALAR_CELLS = [
    ("weapon", "bladed", ["bladed"]),
    ("weapon", "bladed or firearm", ["bladed", "firearm"]),
    ("weapon", ["bladed", "firearm"], ["bladed", "firearm"]),
    ("weapon", ["bladed or none", "unknown"], ["none", "bladed", "unknown"]),
    ("weapon", "not none", ["other", "bladed", "firearm", "unknown"]),
    ("weapon", "neither none nor other", ["bladed", "firearm", "unknown"]),
    ("weapon", "neither none nor other nor bladed", ["firearm", "unknown"]),
    ("weapon", "known", ["none", "other", "bladed", "firearm"]),
    ("weapon", "unknown or firearm", ["firearm", "unknown"]),
    ("weapon", "  bladed \n or\u00a0firearm ", ["bladed", "firearm"]),
    ("dash_ticks", "at least 23", [23, 24]),
    ("dash_ticks", "23 or more", [23, 24]),
    ("dash_ticks", "23 or more or 2 or unknown", [2, 23, 24, "unknown"]),
    ("dash_ticks", "over 23", [24]),
    ("dash_ticks", "at most 1", [0, 1]),
    ("dash_ticks", "under 1", [0]),
    ("dash_ticks", "3 to 5", [3, 4, 5]),
    ("dash_ticks", "3 to 3", [3]),
    ("dash_ticks", "3", [3]),
    ("dash_ticks", "unknown or under 2", [0, 1, "unknown"]),
    ("dash_ticks", "2 or 4 to 5 or 7", [2, 4, 5, 7]),
    ("child_at_risk", "yes", ["yes"]),
    ("child_at_risk", "not yes", ["no"]),
]

SET_CELLS = [
    ("has trackers", [{"trackers"}, {"trackers", "debts"}]),
    ("has trackers or debts", [{"trackers"}, {"debts"}, {"trackers", "debts"}]),
    ("has trackers and debts", [{"trackers", "debts"}]),
    ("has trackers but not debts", [{"trackers"}]),
    ("has trackers or debts but neither debts nor injuries", [{"trackers"}]),
    ("has no trackers", [set(), {"debts"}, "unknown"]),
    ("has neither trackers nor debts", [set(), "unknown"]),
    ("none", [set()]),
    ("some", [{"trackers"}, {"debts"}, {"trackers", "debts"}]),
    ("known", [set(), {"trackers"}, {"debts"}, {"trackers", "debts"}]),
    ("unknown", ["unknown"]),
]


@pytest.fixture
def facts(tmp_path):
    (tmp_path / "facts.yaml").write_text(FACTS)
    return read_facts(tmp_path / "facts.yaml")


@pytest.mark.parametrize(("name", "cell", "accepted"), SCALAR_CELLS, ids=str)
def test_a_cell_of_one_value_accepts_what_it_names(facts, name, cell, accepted):
    fact = facts.fact(name)
    read = read_cell(fact, cell if isinstance(cell, list) else [cell])
    assert [value for place, value in enumerate(fact.domain) if meets(read, 1 << place)] == accepted


@pytest.mark.parametrize(("cell", "accepted"), SET_CELLS, ids=str)
def test_a_cell_of_a_set_accepts_what_it_names(facts, cell, accepted):
    fact = facts.fact("signs")
    read = read_cell(fact, [cell])
    tried = [set(), {"trackers"}, {"debts"}, {"trackers", "debts"}, "unknown"]
    assert [value for value in tried if meets(read, None if value == "unknown" else fact.mask(frozenset(value)))] == accepted


REFUSED = [
    ("weapon", "not bladed or firearm", "Did you mean 'neither bladed nor firearm'?"),
    ("weapon", "none or not bladed", "neither"),
    ("weapon", "not bladed or not firearm", "Did you mean 'neither bladed nor firearm'?"),
    ("weapon", "neither bladed or firearm", "'neither bladed or firearm'"),
    ("weapon", "neither bladed", "'neither bladed'"),
    ("weapon", "frearm", "Did you mean 'firearm'?"),
    ("weapon", "Bladed", "Did you mean 'bladed'?"),
    ("weapon", "“bladed”", "Did you mean 'bladed'?"),
    ("weapon", "bladed, firearm", "Did you mean 'bladed or firearm'?"),
    ("weapon", "at least bladed", "is not a condition for weapon"),
    ("weapon", "not unknown", "'not unknown'"),
    ("weapon", "bladed or", "'bladed or'"),
    ("weapon", "known or unknown", "matches everything"),
    ("child_at_risk", "true", "Did you mean 'yes'?"),
    ("child_at_risk", "on", "Did you mean 'yes'?"),
    ("child_at_risk", "false", "Did you mean 'no'?"),
    ("child_at_risk", "off", "Did you mean 'no'?"),
    ("child_at_risk", "unknown", "matches nothing"),
    ("child_at_risk", "known", "matches everything"),
    ("child_at_risk", "yes or no", "matches everything"),
    ("dash_ticks", ">= 8", "Did you mean 'at least 8'?"),
    ("dash_ticks", "<8", "Did you mean 'under 8'?"),
    ("dash_ticks", "8+", "Did you mean 'at least 8'?"),
    ("dash_ticks", "3-5", "Did you mean '3 to 5'?"),
    ("dash_ticks", "at least eight", "'eight' is not a whole number"),
    ("dash_ticks", "8.0", "'8.0' is not a whole number"),
    ("dash_ticks", "1_0", "is not a whole number"),
    ("dash_ticks", "٣", "is not a whole number"),
    ("dash_ticks", "at least 25", "outside the range of DASH ticks, 0 to 24"),
    ("dash_ticks", "under 0", "matches nothing"),
    ("dash_ticks", "5 to 3", "matches nothing"),
    ("kinds", "asb", "Did you mean 'has asb'?"),
    ("kinds", "has assb", "Did you mean 'has asb'?"),
    ("kinds", "has asb or fraud and domestic_abuse", "'and' and 'or' together"),
    ("kinds", "not asb", "Did you mean 'has no asb'?"),
    ("kinds", "has asb or unknown", "not one of its values"),
    ("kinds", "has no asb but not fraud", "is not a condition"),
    ("kinds", "has asb but fraud", "after 'but' comes"),
    ("kinds", "none", "matches nothing"),
    ("kinds", "some", "matches everything"),
    ("kinds", "has asb but not asb", "matches nothing"),
    ("kinds", "has asb or fraud or domestic_abuse", "matches everything"),
    ("kinds", "x" * 3_000, "longer than 2000"),
]


@pytest.mark.parametrize(("name", "cell", "words"), REFUSED, ids=lambda value: str(value)[:40])
def test_any_other_text_is_refused_with_what_to_write(facts, name, cell, words):
    with pytest.raises(CellError) as caught:
        read_cell(facts.fact(name), [cell])
    assert words in str(caught.value)


def test_a_negated_cell_is_never_answered_with_its_opposite(facts):
    with pytest.raises(CellError) as caught:
        read_cell(facts.fact("weapon"), ["neither none nor unknown"])
    assert "Did you mean" not in str(caught.value)


def test_a_set_takes_no_list(facts):
    with pytest.raises(CellError, match="Did you mean 'has asb or fraud'"):
        read_cell(facts.fact("kinds"), ["asb", "fraud"])
