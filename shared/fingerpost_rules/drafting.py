"""Drafts a file of expectations from the rules as they are: each threshold on both sides, for the coordinator to confirm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from fingerpost_rules.combining import Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.axes import ScalarAxis
from fingerpost_rules.proofs.findings import facts_as_json
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.regions import plainest
from fingerpost_rules.proofs.search import Effort, NotProved, find
from fingerpost_rules.proofs.space import FactsOfPoint, Region, Space, space_of
from fingerpost_rules.rows import Rule
from fingerpost_rules.rule_set import RuleSet

_HEADING = """\
# A draft: this is what the rules decide today. Confirm each case, or mend it, and `fingerpost rules test` holds the rules to it.
# What a case does not name is quiet.
"""


@dataclass(frozen=True)
class Draft:
    """A referral worth an opinion, and why."""

    name: str
    facts: FactsOfPoint


def drafted_cases(rule_set: RuleSet) -> list[dict[str, Any]]:
    """For each alternative of each rule its plainest referral, and those at either side of a number: name, when and expect."""
    quiet = rule_set.facts.quiet()
    seen: set[str] = set()
    entries: list[dict[str, Any]] = []
    for draft in _drafts(rule_set):
        when = facts_as_json({name: value for name, value in draft.facts.items() if value != quiet[name]})
        if str(when) not in seen:
            seen.add(str(when))
            entries.append({"name": draft.name, "when": when, "expect": _expected(rule_set.decide(draft.facts))})
    return entries


def as_file(cases: list[dict[str, Any]]) -> str:
    """The text of the file that holds these cases."""
    return _HEADING + yaml.safe_dump(cases, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def _drafts(rule_set: RuleSet) -> Iterator[Draft]:
    space = space_of(rule_set)
    effort = Effort()
    for rule, boxes in zip(rule_set.rules, space.boxes.of_rule, strict=True):
        for box in bits_of(boxes):
            point = _plainest_in(space, box, effort)
            if point is not None:
                # A referral that is both is better called by its threshold, so those come first.
                yield from _at_thresholds(space, rule, box, point)
                yield Draft(f"{rule.id}: {rule.title}", space.referral(point))


def _plainest_in(space: Space, box: int, effort: Effort) -> Region | None:
    question = Question(require=(1 << box,))
    try:
        point = find(space, question, effort)
    except NotProved:
        return None
    return None if point is None else plainest(space, question, point)


def _at_thresholds(space: Space, rule: Rule, box: int, point: Region) -> Iterator[Draft]:
    for place in space.facts_of(box):
        axis = space.axes[place]
        if isinstance(axis, ScalarAxis) and axis.fact.kind == "number":
            for value in _edges(axis.cells[box].mask, len(axis.fact.values)):
                moved = (*point[:place], 1 << value, *point[place + 1 :])
                if not _holding(space, moved) & space.forbidden:
                    yield Draft(f"{rule.id}: {axis.fact.label} {axis.fact.domain[value]}", space.referral(moved))


def _edges(mask: int, count: int) -> list[int]:
    """The values at either side of each place where a cell begins or ends to accept."""
    changes = [value for value in range(1, count) if (mask >> value & 1) != (mask >> value - 1 & 1)]
    return sorted({value for change in changes for value in (change - 1, change)})


def _holding(space: Space, point: Region) -> int:
    holding = -1
    for memory, state in zip(space.memories, point, strict=True):
        holding &= memory[state].may
    return holding


def _expected(decision: Decision) -> dict[str, Any]:
    lists = {"also": decision.also, "copy": decision.copy, "alert": decision.alert, "tag": decision.tag, "fired": decision.fired}
    words: dict[str, Any] = {"lead": decision.lead, "band": decision.band, "within_hours": decision.within_hours}
    return words | {part: list(names) for part, names in lists.items()}
