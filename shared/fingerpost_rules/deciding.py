"""Deciding one referral: its facts pick a bitmap each, their intersection is what fires."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal, cast

from fingerpost_rules.cells import Box
from fingerpost_rules.combining import Combiner, Decision
from fingerpost_rules.compiled import ScalarColumn, SetColumn, bits_of, columns_of
from fingerpost_rules.facts import UNKNOWN, Fact, FactValue, ScalarFact

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet

Lane = Literal["urgent", "routine"]

_MOST_REMEMBERED = 4_096
_MISSING = ""  # no fact has such a value, so a fact that is missing and cannot be unknown is found out


class _SetAnswers(dict[frozenset[str] | str, int]):
    """What each value of a set picks; a value is worked out when it is first met."""

    def __init__(self, column: SetColumn) -> None:
        super().__init__()
        self._column = column

    def __missing__(self, held: frozenset[str] | str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        answer = self[held] = self._answer(held)
        return answer

    def _answer(self, held: frozenset[str] | str) -> int:
        fact = self._column.fact
        if isinstance(held, frozenset) and len(held) >= fact.at_least:
            return self._column.accepting(fact.mask(held))
        if held == UNKNOWN and fact.has_unknown:
            return self._column.if_unknown
        raise KeyError(held)


class Decider:
    """A rule set made ready to decide. Only facts that some rule looks at are looked at."""

    def __init__(self, rule_set: "RuleSet") -> None:
        self._facts = rule_set.facts
        self._most_urgent = next(iter(rule_set.bands))
        self.combiner = Combiner(rule_set)
        first, further = _layout(rule_set)
        impossible = self._facts.impossible
        self._rules = (1 << len(first)) - 1
        self._further = {len(first) + place: 1 << rule for place, (rule, _) in enumerate(further)}
        self._further_bits = sum(1 << place for place in self._further)
        boxes = [*first, *(box for _, box in further), *impossible]
        self._impossible = ((1 << len(impossible)) - 1) << (len(first) + len(further))
        self._everything = (1 << len(boxes)) - 1
        columns = [column for column in columns_of(self._facts, boxes) if column.mentioning]
        scalars = [column for column in columns if isinstance(column, ScalarColumn)]
        self._words = [_scalar_answers(column) for column in scalars if column.fact.kind != "number"]
        self._numbers = [_scalar_answers(column) for column in scalars if column.fact.kind == "number"]
        self._sets = [(column.fact.name, _default(column.fact), _SetAnswers(column)) for column in columns if isinstance(column, SetColumn)]
        names = self._facts.names
        self._pairs = [(names[lesser], names[greater]) for lesser, greater in self._facts.never_more_than]
        self._counted = [(fact.name, _riskiest(fact)) for fact in self._facts.facts if fact.counted]

    def decide(self, facts: Mapping[str, FactValue]) -> Decision:
        """See `RuleSet.decide`."""
        try:
            holding = self._holding(facts)
        except (KeyError, TypeError):
            self._facts.check(facts)
            raise
        fired = holding & self._rules
        for place in bits_of(holding & self._further_bits):
            fired |= self._further[place]
        impossible = bool(holding & self._impossible) or (bool(self._pairs) and self._counts_contradict(facts))
        return self.combiner.decision(fired, impossible=impossible)

    def lane(self, facts: Mapping[str, FactValue]) -> Lane:
        """See `RuleSet.lane`."""
        names = [name for name, _ in self._counted]
        for riskiest in product(*(values for _, values in self._counted)):
            if self.decide({**facts, **dict(zip(names, riskiest, strict=True))}).band == self._most_urgent:
                return "urgent"
        return "routine"

    def _holding(self, facts: Mapping[str, FactValue]) -> int:
        holding = self._everything
        for name, default, answers in self._words:
            holding &= answers[facts.get(name, default)]
        for name, default, answers in self._numbers:
            value = facts.get(name, default)
            if type(value) is bool or type(value) is float:
                raise KeyError(value)  # they equal whole numbers and are none
            holding &= answers[value]
        for name, default, answers in self._sets:
            value = facts.get(name, default)
            holding &= answers[value if type(value) is frozenset else _as_key(value)]
        return holding

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


def _scalar_answers(column: ScalarColumn) -> tuple[str, str, Mapping[FactValue, int]]:
    answers: dict[FactValue, int] = dict(zip(column.fact.domain, column.accepting, strict=True))
    return column.fact.name, _default(column.fact), answers


def _as_key(value: FactValue) -> frozenset[str] | str:
    return value if isinstance(value, str) else frozenset(cast("Sequence[str]", value))


def _default(fact: Fact) -> str:
    return UNKNOWN if fact.has_unknown else _MISSING


def _riskiest(fact: Fact) -> Sequence[FactValue]:
    """The value of most risk, and *unknown* where that may be: the two cannot be compared, so both are tried."""
    worst = fact.values[-1] if isinstance(fact, ScalarFact) else frozenset(fact.members)
    return (worst, UNKNOWN) if fact.has_unknown else (worst,)
