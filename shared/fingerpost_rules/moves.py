"""The other values that one fact of a referral could have, nearest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from fingerpost_rules.cells import Members
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.memory import Memory
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State

_MOST_MEMBERS_TRIED_ALL = 8

Moves = tuple[tuple[State, int], ...]
"""Other values of one fact, nearest first, with the boxes that accept each; of those that no box tells apart, the nearest."""


def moves_along(axis: Axis, boxes: int) -> Callable[[State], Moves]:
    """What tells the moves from any value of a fact, as far as these boxes tell values apart."""
    if isinstance(axis, ScalarAxis):
        return lambda state: _nearest(boxes, _from_scalar(axis, state))
    members = list(axis.fact.bit_of.values())
    most = len(members) if len(members) <= _MOST_MEMBERS_TRIED_ALL else 2
    flips = [sum(flipped) for size in range(most + 1) for flipped in combinations(members, size)]
    cells = tuple(dict.fromkeys(axis.cells.values()))
    accepting = Memory(axis.column.accepting)
    return lambda state: _nearest(boxes, _from_set(axis, state, flips, cells, accepting))


def _nearest(boxes: int, values: Iterable[tuple[State, int]]) -> Moves:
    """Of values that begin with the one that is left, the nearest of each kind."""
    nearest: dict[int, State] = {}
    for state, accepting in values:
        nearest.setdefault(accepting & boxes, state)
    return tuple((state, accepting) for accepting, state in list(nearest.items())[1:])


def _from_scalar(axis: ScalarAxis, state: State) -> Iterator[tuple[State, int]]:
    here = state.bit_length() - 1 if isinstance(state, int) else 0
    for value in sorted(range(len(axis.fact.domain)), key=lambda value: abs(value - here)):
        yield 1 << value, axis.column.accepting[value]


def _from_set(
    axis: SetAxis, state: State, flips: Sequence[int], cells: Sequence[Members], accepting: Mapping[int, int]
) -> Iterator[tuple[State, int]]:
    """The value itself, then sets with some members more or fewer, then those that meet what the cell of some box demands."""
    low = state.low if isinstance(state, SetRange) else 0
    unknown = SetRange(0, 0, False, True), axis.column.if_unknown
    if isinstance(state, SetRange) and not state.known:
        yield unknown
    for held in (*(low ^ flip for flip in flips), *(_meeting(cell, low) for cell in cells)):
        if held.bit_count() >= axis.fact.at_least:
            yield SetRange(held, held, True, False), accepting[held]
    if axis.fact.has_unknown:
        yield unknown


def _meeting(cell: Members, low: int) -> int:
    held = (low | cell.every) & ~cell.none_of
    for several in cell.some_of:
        held |= 0 if held & several else next(1 << member for member in bits_of(several))
    return held
