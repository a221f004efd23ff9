"""What a cell of the table means: the values of one fact that it accepts. How cells are written is in `grammar`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Values:
    """Accepts the values of a number, choice or flag whose bits are in `mask` (the last may be *unknown*)."""

    mask: int
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Members:
    """Accepts sets that hold all of `every`, one at least of each mask in `some_of`, and none of `none_of`."""

    every: int = 0
    some_of: tuple[int, ...] = ()
    none_of: int = 0
    known: bool = True
    unknown: bool = False
    text: str = field(default="", compare=False)


Cell = Values | Members

Box = Mapping[int, Cell]
"""Cells by the place of their fact; a referral is inside when it meets them all."""


def meets(cell: Cell, value: int | None) -> bool:
    """Whether a value, as a mask (none for a set that is unknown), is one that the cell accepts."""
    match cell:
        case Values():
            return value is not None and bool(cell.mask & value)
        case Members() if value is None:
            return cell.unknown
        case Members():
            return cell.known and holds(cell, value or 0)


def holds(cell: Members, held: int) -> bool:
    """Whether a known set of members is one that the cell accepts, if it accepts known ones."""
    return held & cell.every == cell.every and not held & cell.none_of and all(held & several for several in cell.some_of)


def both(one: Cell, other: Cell) -> Cell:
    """What two cells of the same fact accept together; possibly nothing."""
    if isinstance(one, Values) and isinstance(other, Values):
        return Values(one.mask & other.mask)
    if isinstance(one, Members) and isinstance(other, Members):
        return Members(
            one.every | other.every,
            tuple(dict.fromkeys((*one.some_of, *other.some_of))),
            one.none_of | other.none_of,
            one.known and other.known,
            one.unknown and other.unknown,
        )
    raise TypeError("cells of different facts have nothing in common")


def overlay(one: Box, other: Box) -> Box:
    """The box of what is inside both."""
    joined = dict(one)
    for place, cell in other.items():
        joined[place] = both(joined[place], cell) if place in joined else cell
    return joined
