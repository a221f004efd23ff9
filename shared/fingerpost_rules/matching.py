"""Which boxes a referral is in: its facts pick a bitmap each, and their intersection is the answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from fingerpost_rules.cells import Box
from fingerpost_rules.compiled import ScalarColumn, SetColumn, columns_of
from fingerpost_rules.facts import UNKNOWN, Fact, Facts, FactValue
from fingerpost_rules.memory import Memory

_MISSING = ""  # no fact has such a value, so a fact that is missing and cannot be unknown is found out
_NUMBERS = frozenset({int, str})  # True and 1.0 equal whole numbers and are none
_SETS = frozenset({tuple, frozenset, str})


class Matcher:
    """Boxes made ready. Only facts that some box looks at are looked at."""

    def __init__(self, facts: Facts, boxes: Sequence[Box]) -> None:
        self._every_box = (1 << len(boxes)) - 1
        columns = [column for column in columns_of(facts, boxes) if column.mentioning]
        scalars = [column for column in columns if isinstance(column, ScalarColumn)]
        self._words = [_scalar_answers(column) for column in scalars if column.fact.kind != "number"]
        self._numbers = [_scalar_answers(column) for column in scalars if column.fact.kind == "number"]
        self._sets = [_set_answers(column) for column in columns if isinstance(column, SetColumn)]

    def holding(self, facts: Mapping[str, FactValue]) -> int:
        """The boxes that a referral is in, the n-th as bit n. Raises KeyError, TypeError or ValueError for what is no value."""
        holding = self._every_box
        for name, default, answers in self._words:
            holding &= answers[facts.get(name, default)]
        for name, default, answers in self._numbers:
            value = facts.get(name, default)
            if type(value) not in _NUMBERS:
                raise KeyError(value)
            holding &= answers[value]
        for name, default, answers in self._sets:
            value = facts.get(name, default)
            holding &= answers[value if type(value) in _SETS else tuple(cast("Iterable[str]", value))]
        return holding


def _scalar_answers(column: ScalarColumn) -> tuple[str, str, Mapping[FactValue, int]]:
    answers: dict[FactValue, int] = dict(zip(column.fact.domain, column.accepting, strict=True))
    return column.fact.name, _default(column.fact), answers


def _set_answers(column: SetColumn) -> tuple[str, str, Mapping[FactValue, int]]:
    def answer(value: FactValue) -> int:
        held = column.fact.checked(value)
        return column.accepting(column.fact.mask(held)) if isinstance(held, frozenset) else column.if_unknown

    return column.fact.name, _default(column.fact), Memory(answer)


def _default(fact: Fact) -> str:
    return UNKNOWN if fact.has_unknown else _MISSING
