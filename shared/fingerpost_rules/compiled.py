"""Boxes as bitmaps: for each value of each fact, which boxes accept it. Finding all that hold is then one `&` a fact.

Bit *n* of every bitmap here is the *n*-th box.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fingerpost_rules.cells import Box, Members, Values
from fingerpost_rules.facts import Fact, Facts, ScalarFact, SetFact


def bits_of(bitmap: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while bitmap:
        lowest = bitmap & -bitmap
        yield lowest.bit_length() - 1
        bitmap ^= lowest


@dataclass(frozen=True)
class ScalarColumn:
    """Which boxes accept each value of a number, choice or flag; `mentioning` are those that have a cell for it."""

    fact: ScalarFact
    accepting: tuple[int, ...]
    mentioning: int


Masks = tuple[tuple[int, int], ...]
"""Members, as the bit of each, with the boxes that name it; members that no box names are left out."""


@dataclass(frozen=True)
class SetColumn:
    """Which boxes accept each value of a set fact, from which the answer for any members is put together."""

    fact: SetFact
    if_known: int
    if_unknown: int
    forbidding: Masks
    needing: Masks
    choices: tuple[tuple[int, Masks], ...]
    mentioning: int

    def known(self, present: int, absent: int, choosable: int) -> int:
        """The boxes that accept a known set of which `present` members break a ban, `absent` ones a need, and
        `choosable` ones meet a choice. One set has all three from its members; a range of sets has a bound from each end.
        """
        refused = 0
        for member, boxes in self.forbidding:
            if present & member:
                refused |= boxes
        for member, boxes in self.needing:
            if absent & member:
                refused |= boxes
        accepted = self.if_known & ~refused
        for met, offering in self.choices:
            for member, boxes in offering:
                if choosable & member:
                    met |= boxes
            accepted &= met
        return accepted

    def accepting(self, held: int) -> int:
        """The boxes that accept exactly these members."""
        return self.known(held, self.fact.all_members & ~held, held)


Column = ScalarColumn | SetColumn


def columns_of(facts: Facts, boxes: Sequence[Box]) -> tuple[Column, ...]:
    """The column of each fact, in the order of the facts."""
    everything = (1 << len(boxes)) - 1
    return tuple(_column(fact, place, boxes, everything) for place, fact in enumerate(facts.facts))


def _column(fact: Fact, place: int, boxes: Sequence[Box], everything: int) -> Column:
    cells = [(1 << number, box[place]) for number, box in enumerate(boxes) if place in box]
    mentioning = sum(bit for bit, _ in cells)
    if isinstance(fact, ScalarFact):
        values = [(bit, cell) for bit, cell in cells if isinstance(cell, Values)]
        return ScalarColumn(fact, _accepting(fact, values, everything & ~mentioning), mentioning)
    members = [(bit, cell) for bit, cell in cells if isinstance(cell, Members)]
    return _set_column(fact, members, everything, mentioning)


def _accepting(fact: ScalarFact, cells: list[tuple[int, Values]], indifferent: int) -> tuple[int, ...]:
    boxes_of_mask: dict[int, int] = {}
    for bit, cell in cells:
        boxes_of_mask[cell.mask] = boxes_of_mask.get(cell.mask, 0) | bit
    accepting = [indifferent] * len(fact.domain)
    for mask, boxes in boxes_of_mask.items():
        for value in bits_of(mask):
            accepting[value] |= boxes
    return tuple(accepting)


def _set_column(fact: SetFact, cells: list[tuple[int, Members]], everything: int, mentioning: int) -> SetColumn:
    most_choices = max((len(cell.some_of) for _, cell in cells), default=0)
    return SetColumn(
        fact,
        if_known=everything & ~sum(bit for bit, cell in cells if not cell.known),
        if_unknown=everything & ~sum(bit for bit, cell in cells if not cell.unknown),
        forbidding=_masks(fact, [(bit, cell.none_of) for bit, cell in cells]),
        needing=_masks(fact, [(bit, cell.every) for bit, cell in cells]),
        choices=tuple(_choice(fact, cells, everything, layer) for layer in range(most_choices)),
        mentioning=mentioning,
    )


def _choice(fact: SetFact, cells: list[tuple[int, Members]], everything: int, layer: int) -> tuple[int, Masks]:
    """The boxes without a `layer`-th choice, and those whose `layer`-th choice each member meets."""
    having = [(bit, cell.some_of[layer]) for bit, cell in cells if len(cell.some_of) > layer]
    return everything & ~sum(bit for bit, _ in having), _masks(fact, having)


def _masks(fact: SetFact, named: list[tuple[int, int]]) -> Masks:
    boxes_naming = {member: sum(bit for bit, members in named if members & member) for member in fact.bit_of.values()}
    return tuple((member, boxes) for member, boxes in boxes_naming.items() if boxes)
