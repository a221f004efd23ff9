"""The other values that one fact of a referral could have, nearest first."""

from collections.abc import Iterator
from itertools import combinations

from fingerpost_rules.cells import Members
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.facts import UNKNOWN
from fingerpost_rules.memory import Memory
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State

_MOST_MEMBERS_TRIED_ALL = 8

Move = tuple[State, int]
"""Another value, and the boxes that accept it."""


class ScalarMoves:
    """The moves along a number, choice or flag."""

    def __init__(self, axis: ScalarAxis) -> None:
        fact = axis.fact
        self._axis = axis
        # nothing is near to unknown: from there the nearest is what lies nearest to the quiet value, else to the lowest
        self._nearest_to_unknown = 0 if fact.quiet in (None, UNKNOWN) else fact.place_of[fact.quiet]

    def from_value(self, state: State, accepting: int, boxes: int) -> Iterator[Move]:
        """The moves from a value that some boxes accept, worked out no further than they are asked for.

        Of values that are all alike to the boxes that matter only the nearest is told; none that is like the value itself.
        """
        alike: dict[int, int] = {}
        for values, accepting_them in self._axis.alike:
            alike[accepting_them & boxes] = alike.get(accepting_them & boxes, 0) | values
        del alike[accepting & boxes]
        here = self._nearest_to_unknown
        if isinstance(state, int) and state != self._axis.fact.unknown_bit:
            here = state.bit_length() - 1
        for _, value in sorted([_nearest(values, here) for values in alike.values()]):
            yield 1 << value, self._axis.column.accepting[value]


class SetMoves:
    """The moves along a set: some members more or fewer, then what the cell of some box demands, then unknown."""

    def __init__(self, axis: SetAxis) -> None:
        members = list(axis.fact.bit_of.values())
        most = len(members) if len(members) <= _MOST_MEMBERS_TRIED_ALL else 2
        self._axis = axis
        self._flips = [sum(flipped) for size in range(most + 1) for flipped in combinations(members, size)]
        self._cells = tuple(dict.fromkeys(axis.cells.values()))
        self._accepting = Memory(axis.column.accepting)

    def from_value(self, state: State, accepting: int, boxes: int) -> Iterator[Move]:
        """See `ScalarMoves`."""
        met = {accepting & boxes}
        for other, accepting_other in self._near(state.low if isinstance(state, SetRange) else 0):
            alike = accepting_other & boxes
            if alike not in met:
                met.add(alike)
                yield other, accepting_other

    def _near(self, low: int) -> Iterator[Move]:
        for held in self._held(low):
            if held.bit_count() >= self._axis.fact.at_least:
                yield SetRange(held, held, True, False), self._accepting[held]
        if self._axis.fact.has_unknown:
            yield SetRange(0, 0, False, True), self._axis.column.if_unknown

    def _held(self, low: int) -> Iterator[int]:
        for flip in self._flips:
            yield low ^ flip
        for cell in self._cells:
            yield _meeting(cell, low)


def moves_along(axis: Axis) -> ScalarMoves | SetMoves:
    """The moves along a fact."""
    return ScalarMoves(axis) if isinstance(axis, ScalarAxis) else SetMoves(axis)


def _nearest(values: int, here: int) -> tuple[int, int]:
    """How far the nearest value of a mask is, and which; of two that are as near, the lower."""
    lower, higher = values & (1 << here) - 1, values >> here
    below = lower.bit_length() - 1
    above = here + (higher & -higher).bit_length() - 1
    value = below if not higher or (lower and here - below <= above - here) else above
    return abs(value - here), value


def _meeting(cell: Members, low: int) -> int:
    held = (low | cell.every) & ~cell.none_of
    for several in cell.some_of:
        held |= 0 if held & several else next(1 << member for member in bits_of(several))
    return held
