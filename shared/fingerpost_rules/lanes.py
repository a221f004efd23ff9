"""Which lane a referral takes before its repeats are counted: urgent, if any count could make it most urgent."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal

from fingerpost_rules.cells import Box
from fingerpost_rules.facts import UNKNOWN, Fact, FactValue, ScalarFact
from fingerpost_rules.matching import Matcher
from fingerpost_rules.rows import Rule

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet

Lane = Literal["urgent", "routine"]
Counts = Mapping[str, str | int | frozenset[str]]


class Lanes:
    """The boxes that make a referral most urgent, counted facts at their riskiest: all that a lane depends on."""

    def __init__(self, rule_set: "RuleSet") -> None:
        self._facts = rule_set.facts
        self._riskiest = list(_riskiest(self._facts.facts))
        most_urgent = next(iter(rule_set.bands))
        # Overriding needs a lead and goes round in no circle: a referral is unrouted where no rule with a lead fires.
        self._is_urgent_unrouted = rule_set.unrouted_band == most_urgent
        urgent = [rule for rule in rule_set.rules if rule.then.band == most_urgent]
        routing = [rule for rule in rule_set.rules if rule.then.lead and self._is_urgent_unrouted]
        self._ways = [self._way(counts, urgent, routing) for counts in self._riskiest]

    def lane(self, facts: Mapping[str, FactValue]) -> Lane:
        """See `RuleSet.lane`."""
        try:
            return "urgent" if any(self._is_urgent(facts, *way) for way in self._ways) else "routine"
        except (KeyError, TypeError, ValueError):
            self._facts.check({**facts, **self._riskiest[0]})
            raise

    def _is_urgent(self, facts: Mapping[str, FactValue], matcher: Matcher, urgent: int) -> bool:
        holding = matcher.holding(facts)
        return bool(holding & urgent) or (self._is_urgent_unrouted and not holding & ~urgent)

    def _way(self, counts: Counts, urgent: Sequence[Rule], routing: Sequence[Rule]) -> tuple[Matcher, int]:
        """What tells whether a referral with these counts is urgent, and which boxes make it so; the others give it a lead."""
        boxes = [list(self._boxes_at(counts, rules)) for rules in (urgent, routing)]
        return Matcher(self._facts, [*boxes[0], *boxes[1]]), (1 << len(boxes[0])) - 1

    def _boxes_at(self, counts: Counts, rules: Sequence[Rule]) -> Iterator[Box]:
        for box in (box for rule in rules for box in rule.condition.boxes):
            counted = {place: cell for place, cell in box.items() if self._facts.names[place] in counts}
            if self._facts.inside(counted, counts):
                yield {place: cell for place, cell in box.items() if place not in counted}


def _riskiest(facts: Sequence[Fact]) -> Iterator[Counts]:
    """Counted facts at their value of most risk, and at *unknown* where that may be: the two cannot be compared."""
    counted = [fact for fact in facts if fact.counted]
    for values in product(*((_worst(fact), UNKNOWN) if fact.has_unknown else (_worst(fact),) for fact in counted)):
        yield {fact.name: value for fact, value in zip(counted, values, strict=True)}


def _worst(fact: Fact) -> str | int | frozenset[str]:
    return fact.values[-1] if isinstance(fact, ScalarFact) else frozenset(fact.members)
