"""Deciding one referral: which rules fire, and what they decide together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fingerpost_rules.cells import Box
from fingerpost_rules.combining import Combiner, Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.facts import FactValue
from fingerpost_rules.matching import Matcher

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet


class Decider:
    """A rule set made ready to decide."""

    def __init__(self, rule_set: "RuleSet") -> None:
        self._facts = rule_set.facts
        self.combiner = Combiner(rule_set)
        first, further = _layout(rule_set)
        impossible = self._facts.impossible
        self._rules = (1 << len(first)) - 1
        self._further = {len(first) + place: 1 << rule for place, (rule, _) in enumerate(further)}
        self._further_bits = sum(1 << place for place in self._further)
        self._impossible = ((1 << len(impossible)) - 1) << (len(first) + len(further))
        self._matcher = Matcher(self._facts, [*first, *(box for _, box in further), *impossible])
        names = self._facts.names
        self._pairs = [(names[lesser], names[greater]) for lesser, greater in self._facts.never_more_than]

    def decide(self, facts: Mapping[str, FactValue]) -> Decision:
        """See `RuleSet.decide`."""
        try:
            holding = self._matcher.holding(facts)
        except (KeyError, TypeError, ValueError):
            self._facts.check(facts)
            raise
        fired = holding & self._rules
        for place in bits_of(holding & self._further_bits):
            fired |= self._further[place]
        impossible = bool(holding & self._impossible) or (bool(self._pairs) and self._counts_contradict(facts))
        return self.combiner.decision(fired, impossible=impossible)

    def _counts_contradict(self, facts: Mapping[str, FactValue]) -> bool:
        for lesser, greater in self._pairs:
            left, right = facts.get(lesser), facts.get(greater)
            if isinstance(left, int) and isinstance(right, int) and left > right:
                return True
        return False


def _layout(rule_set: "RuleSet") -> tuple[list[Box], list[tuple[int, Box]]]:
    """The first box of each rule, at the rule's own bit, and then further boxes with the rule that each belongs to."""
    first = [rule.condition.boxes[0] for rule in rule_set.rules]
    further = [(place, box) for place, rule in enumerate(rule_set.rules) for box in rule.condition.boxes[1:]]
    return first, further
