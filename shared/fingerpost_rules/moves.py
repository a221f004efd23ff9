"""The other values that one fact of a referral could have, nearest first."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from fingerpost_rules.cells import Members
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.memory import Memory
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State

_MOST_MEMBERS_TRIED_ALL = 8

Move = tuple[State, int]
"""Another value, and the boxes that accept it."""


class Moves:
    """The moves along one fact."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis if isinstance(axis, ScalarAxis) else _Sets(axis)

    def from_value(self, state: State, accepting: int, boxes: int) -> Iterator[Move]:
        """The moves from a value that some boxes accept, worked out no further than they are asked for.

        Of values that are all alike to the boxes that matter only the nearest is told; none that is like the value itself.
        """
        values = _values_near(self._axis, state, boxes) if isinstance(self._axis, ScalarAxis) else self._axis.near(state)
        met = {accepting & boxes}
        for other, accepting_other in values:
            alike = accepting_other & boxes
            if alike not in met:
                met.add(alike)
                yield other, accepting_other


def _values_near(axis: ScalarAxis, state: State, boxes: int) -> Iterable[Move]:
    """Of values that are alike to the boxes, the nearest; other boxes are told to accept it."""
    alike: dict[int, int] = {}
    for values, accepting in axis.alike:
        alike[accepting | ~boxes] = alike.get(accepting | ~boxes, 0) | values
    here = state.bit_length() - 1 if isinstance(state, int) else 0
    nearest = [(_nearest(values, here), accepting) for accepting, values in alike.items()]
    return [(1 << value, accepting) for value, accepting in sorted(nearest, key=lambda found: (abs(found[0] - here), found[0]))]


def _nearest(mask: int, here: int) -> int:
    """The value of a mask that is nearest; of two that are as near, the lower."""
    lower, higher = mask & (1 << here) - 1, mask >> here
    below = lower.bit_length() - 1
    above = here + (higher & -higher).bit_length() - 1
    return below if not higher or (lower and here - below <= above - here) else above


class _Sets:
    """The values of a set near to another: with some members more or fewer, then those that meet what the cell of some box demands."""

    def __init__(self, axis: SetAxis) -> None:
        members = list(axis.fact.bit_of.values())
        most = len(members) if len(members) <= _MOST_MEMBERS_TRIED_ALL else 2
        self._axis = axis
        self._flips = [sum(flipped) for size in range(most + 1) for flipped in combinations(members, size)]
        self._cells = tuple(dict.fromkeys(axis.cells.values()))
        self._accepting = Memory(axis.column.accepting)

    def near(self, state: State) -> Iterator[Move]:
        low = state.low if isinstance(state, SetRange) else 0
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


def _meeting(cell: Members, low: int) -> int:
    held = (low | cell.every) & ~cell.none_of
    for several in cell.some_of:
        held |= 0 if held & several else next(1 << member for member in bits_of(several))
    return held
