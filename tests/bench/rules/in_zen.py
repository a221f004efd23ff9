"""A rule set as a decision table of zen-engine, which finds the rules that fire: a row for each box, the hit policy to collect all.

*Unknown* is null. Zen's tables know no overriding, precedence or unions: what fired rules decide together is not asked of it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import zen

from fingerpost_rules import UNKNOWN, RuleSet
from fingerpost_rules.cells import Cell, Members
from fingerpost_rules.facts import Fact, ScalarFact, SetFact

Referral = Mapping[str, str | int | frozenset[str]]


class ZenTable:
    """A rule set in zen-engine."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._decision = zen.ZenEngine().create_decision(json.dumps(_graph(rule_set)))

    def fired(self, context: Mapping[str, Any]) -> list[str]:
        """The rules that fire, in file order; one with several alternatives may be named several times."""
        result: Any = self._decision.evaluate(dict(context))["result"]
        return [row["rule"] for row in result]


def context_of(referral: Referral) -> dict[str, str | int | list[str] | None]:
    """A referral as zen-engine reads it."""
    return {name: _plain(value) for name, value in referral.items()}


def _plain(value: str | int | frozenset[str]) -> str | int | list[str] | None:
    if value == UNKNOWN:
        return None
    return sorted(value) if isinstance(value, frozenset) else value


def _graph(rule_set: RuleSet) -> dict[str, Any]:
    nodes = [
        {"id": name, "type": f"{name}Node", "name": name, "position": {"x": 0, "y": 0}} for name in ("input", "decisionTable", "output")
    ]
    nodes[1] |= {"content": _table(rule_set)}
    ends = [("input", "decisionTable"), ("decisionTable", "output")]
    edges = [{"id": f"from-{source}", "sourceId": source, "targetId": target, "type": "edge"} for source, target in ends]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _table(rule_set: RuleSet) -> dict[str, Any]:
    rows = list(_rows(rule_set))
    used = [name for name in rule_set.facts.names if any(name in row for row in rows)]
    return {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "type": "expression", "field": name} for name in used],
        "outputs": [{"id": "rule", "name": "rule", "type": "expression", "field": "rule"}],
        "rules": [{"_id": str(number), **row} for number, row in enumerate(rows)],
    }


def _rows(rule_set: RuleSet) -> Iterator[dict[str, str]]:
    for rule in rule_set.rules:
        for box in rule.condition.boxes:
            cells = {rule_set.facts.names[place]: _cell(rule_set.facts.facts[place], cell) for place, cell in box.items()}
            yield {**cells, "rule": f"'{rule.id}'"}


def _cell(fact: Fact, cell: Cell) -> str:
    if isinstance(fact, SetFact):
        assert isinstance(cell, Members)
        return _set_cell(fact, cell)
    assert not isinstance(cell, Members)
    accepted = [value for place, value in enumerate(fact.domain) if cell.mask >> place & 1 and value != UNKNOWN]
    words = _runs(fact, [int(value) for value in accepted]) if fact.kind == "number" else [f"'{value}'" for value in accepted]
    return ", ".join([*(["null"] if cell.mask & fact.unknown_bit else []), *words])  # null first: compared with a number it fails the cell


def _runs(fact: ScalarFact, numbers: list[int]) -> Iterator[str]:
    firsts = [number for number in numbers if number - 1 not in numbers]
    lasts = [number for number in numbers if number + 1 not in numbers]
    for first, last in zip(firsts, lasts, strict=True):
        yield f">= {first}" if last == fact.values[-1] else f"<= {last}" if first == fact.values[0] else f"[{first}..{last}]"


def _set_cell(fact: SetFact, cell: Members) -> str:
    if not cell.known:
        return "null"
    demands = [f"contains($, '{member}')" for member in sorted(fact.held(cell.every))]
    demands += [f"some($, # in {_listed(fact, several)})" for several in cell.some_of]
    demands += [f"not some($, # in {_listed(fact, cell.none_of)})"] if cell.none_of else []
    held = " and ".join(demands)
    return f"$ == null or ({held})" if cell.unknown else f"$ != null and {held}" if held else "$ != null"


def _listed(fact: SetFact, members: int) -> str:
    return str(sorted(fact.held(members)))
