"""One fact as an axis of the space of all referrals: which of its values are still open, and how they can be divided.

A *state* is what a search still allows a fact: for numbers, choices and flags a mask of values; for sets a range of sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fingerpost_rules.cells import Members, Values
from fingerpost_rules.compiled import ScalarColumn, SetColumn, bits_of
from fingerpost_rules.facts import UNKNOWN, ScalarFact, SetFact


class SetRange(NamedTuple):
    """All sets that hold `low` and nothing outside `high`, if `known`; and *unknown*, if `unknown`."""

    low: int
    high: int
    known: bool
    unknown: bool


State = int | SetRange


class View(NamedTuple):
    """What a state says of the boxes: bit *n* of a bitmap is the *n*-th box."""

    may: int
    """The boxes that some value of the state may be in."""
    sure: int
    """The boxes that every value of the state is in."""
    plain: State
    """The plainest single value of the state, as a state."""
    at_plain: int
    """The boxes that the plainest value is in."""


@dataclass(frozen=True)
class ScalarAxis:
    """A number, choice or flag."""

    fact: ScalarFact
    column: ScalarColumn
    cells: Mapping[int, Values]
    plainest: int

    @cached_property
    def full(self) -> int:
        return self.fact.everything

    @cached_property
    def alike(self) -> tuple[tuple[int, int], ...]:
        """Masks of values that no box tells apart, each with the boxes that accept them."""
        masks: dict[int, int] = {}
        for value, boxes in enumerate(self.column.accepting):
            masks[boxes] = masks.get(boxes, 0) | 1 << value
        return tuple((mask, boxes) for boxes, mask in masks.items())

    def view(self, state: int) -> View:
        may, sure = 0, -1
        for mask, boxes in self.alike:
            if state & mask:
                may |= boxes
                sure &= boxes
        plain = self.plain(state)
        return View(may, sure, plain, self.column.accepting[plain.bit_length() - 1])

    def plain(self, state: int) -> int:
        """The quiet value if it is open, else the lowest."""
        return state & self.plainest or state & -state

    def meet(self, state: int, cell: Values) -> int | None:
        """The values of the state that the cell accepts, if any."""
        return state & cell.mask or None

    def divide(self, box: int, state: int) -> tuple[int, int] | None:
        """The state outside and inside the cell of a box, or none where all of it is on one side."""
        mask = self.cells[box].mask if box in self.cells else -1
        outside, inside = state & ~mask, state & mask
        return (outside, inside) if outside and inside else None

    def value(self, state: int) -> str | int:
        """The one value of a single state."""
        return self.fact.domain[state.bit_length() - 1]


@dataclass(frozen=True)
class SetAxis:
    """A set of members, or unknown."""

    fact: SetFact
    column: SetColumn
    cells: Mapping[int, Members]
    plainest: SetRange | None

    @cached_property
    def full(self) -> SetRange:
        full = self.range(0, self.fact.all_members, known=True, unknown=self.fact.has_unknown)
        assert full is not None  # a fact has values
        return full

    def range(self, low: int, high: int, *, known: bool, unknown: bool) -> SetRange | None:
        """The range in its one form: what is too small to be a value is left out. None where nothing is left."""
        unknown = unknown and not low
        known = known and not low & ~high and high.bit_count() >= self.fact.at_least
        if not known:
            return SetRange(0, 0, False, True) if unknown else None
        if not unknown and high.bit_count() == self.fact.at_least:
            low = high
        return SetRange(low, high, True, unknown)

    def view(self, state: SetRange) -> View:
        everything = self.fact.all_members
        may, sure = 0, -1
        if state.known:
            may |= self.column.known(state.low, everything & ~state.high, state.high)
            sure &= self.column.known(state.high, everything & ~state.low, state.low)
        if state.unknown:
            may |= self.column.if_unknown
            sure &= self.column.if_unknown
        plain = self.plain(state)
        return View(may, sure, plain, self.column.accepting(plain.low) if plain.known else self.column.if_unknown)

    def plain(self, state: SetRange) -> SetRange:
        """The quiet value if it is open, else the smallest set, else unknown."""
        if self.plainest is not None and _is_within(self.plainest, state):
            return self.plainest
        if not state.known:
            return state
        held = state.low
        for member in bits_of(state.high & ~state.low):
            if held.bit_count() >= self.fact.at_least:
                break
            held |= 1 << member
        return SetRange(held, held, True, False)

    def meet(self, state: SetRange, cell: Members) -> SetRange | None:
        """The smallest range that holds all of the state that the cell accepts, if any."""
        low, high = state.low | cell.every, state.high & ~cell.none_of
        for several in cell.some_of:
            remaining = several & high
            if not remaining:
                return self.range(0, 0, known=False, unknown=state.unknown and cell.unknown)
            if not remaining & (remaining - 1):
                low |= remaining
        if state.unknown and cell.unknown:
            low = state.low
        return self.range(low, high, known=state.known and cell.known, unknown=state.unknown and cell.unknown)

    def divide(self, box: int, state: SetRange) -> tuple[SetRange, SetRange] | None:
        """The state outside and inside of one demand that the cell of a box makes, or none where no demand is open."""
        cell = self.cells.get(box)
        return None if cell is None else self.divide_by(cell, state)

    def divide_by(self, cell: Members, state: SetRange) -> tuple[SetRange, SetRange] | None:
        known = state._replace(unknown=False)
        if state.known and state.unknown and cell.known != cell.unknown:
            without = SetRange(0, 0, False, True)
            return self._both(without, self.range(*known[:2], known=True, unknown=False), outside_first=cell.known)
        if not state.known or not cell.known:
            return None
        loose = state.high & ~state.low
        wanted = loose & (cell.every | _unmet(cell, state))
        unwanted = loose & cell.none_of
        member = (wanted or unwanted) & -(wanted or unwanted)
        if not member:
            return None
        having = self.range(state.low | member, state.high, known=True, unknown=False)
        lacking = self.range(state.low, state.high & ~member, known=True, unknown=state.unknown)
        return self._both(lacking, having, outside_first=bool(wanted))

    def _both(self, one: SetRange | None, other: SetRange | None, *, outside_first: bool) -> tuple[SetRange, SetRange] | None:
        if one is None or other is None:
            return None
        return (one, other) if outside_first else (other, one)

    def value(self, state: SetRange) -> frozenset[str] | str:
        """The one value of a single state."""
        return self.fact.held(state.low) if state.known else UNKNOWN


Axis = ScalarAxis | SetAxis


def _is_within(single: SetRange, state: SetRange) -> bool:
    if single.unknown:
        return state.unknown
    return state.known and single.low & state.low == state.low and not single.low & ~state.high


def _unmet(cell: Members, state: SetRange) -> int:
    """The members that could meet a choice of the cell that nothing meets yet."""
    unmet = 0
    for several in cell.some_of:
        if not several & state.low:
            unmet |= several
    return unmet
