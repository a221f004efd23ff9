"""Rules over facts that may all be unknown: for a referral of which another facts file knew otherwise."""

from collections.abc import Mapping
from dataclasses import replace

from fingerpost_rules.cells import Cell
from fingerpost_rules.conditions import Condition
from fingerpost_rules.facts import Facts
from fingerpost_rules.grammar import cell_of
from fingerpost_rules.rows import Rule


def with_unknowns(facts: Facts) -> Facts:
    """The same facts, each of which may be unknown."""
    return replace(facts, facts=tuple(replace(fact, has_unknown=True) for fact in facts.facts))


def read_again(rule: Rule, facts: Facts) -> Rule:
    """The same rule, its cells read over `with_unknowns` of the facts that it was written for."""

    def cells(written: Mapping[int, Cell]) -> Mapping[int, Cell]:
        return {place: cell_of(facts.facts[place], [cell.text]) for place, cell in written.items()}

    condition = Condition(cells(rule.condition.always), tuple(map(cells, rule.condition.alternatives)))
    return replace(rule, condition=condition)
