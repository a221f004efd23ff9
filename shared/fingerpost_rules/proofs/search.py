"""Finds a point that answers a question, or proves that there is none, or stops at its limit.

The search keeps a region and looks at its plainest point. If that is no answer, the box that spoils it tells where to divide:
first away from the box, then into it. Where a region is surely no answer, it is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.space import Region, Space

_MOST_STEPS_OF_ALL = 3_000_000
_BOXES_COMPARED = 8


class NotProved(Exception):
    """The search stopped at its limit before it found a point or could rule one out."""


@dataclass(frozen=True)
class Question:
    """Asks for a point outside all boxes of `forbid`; inside one box at least of each bitmap in `require`; and for each pair in
    `imply`, if inside any box of the first then inside one of the second."""

    forbid: int = 0
    require: tuple[int, ...] = ()
    imply: tuple[tuple[int, int], ...] = ()

    def __and__(self, other: "Question") -> "Question":
        return Question(self.forbid | other.forbid, (*self.require, *other.require), (*self.imply, *other.imply))

    def is_answered(self, may: int, sure: int) -> bool:
        """Whether all of a region answers, of which `may` boxes hold in some point and `sure` ones in all of them."""
        return (
            not may & self.forbid
            and all(sure & one_of for one_of in self.require)
            and all(not may & first or sure & then for first, then in self.imply)
        )

    def is_hopeless(self, may: int, sure: int) -> bool:
        """Whether no point of such a region answers."""
        return bool(
            sure & self.forbid
            or not all(may & one_of for one_of in self.require)
            or any(sure & first and not may & then for first, then in self.imply)
        )


@dataclass
class Effort:
    """How many regions may be looked at: for one question, and for all of a check."""

    steps_a_question: int = 30_000
    left: int = field(default=_MOST_STEPS_OF_ALL)

    def spend(self, steps: int) -> None:
        """Raises `NotProved` when a question has used up its share, or the check has."""
        self.left -= 1
        if steps > self.steps_a_question or self.left < 0:
            raise NotProved


def find(space: Space, question: Question, effort: Effort) -> Region | None:
    """A point that answers the question, as plain as the search comes upon; none if there is none. Raises `NotProved`."""
    asked = question & Question(forbid=space.forbidden)
    start = _start(space, asked)
    regions = [start] if start is not None else []
    steps = 0
    while regions:
        steps += 1
        effort.spend(steps)
        region = regions.pop()
        may, sure, at_plain, plain = look(space, region)
        if asked.is_hopeless(may, sure):
            continue
        if asked.is_answered(at_plain, at_plain):
            return plain
        regions.extend(_divided(space, asked, region, may, sure, at_plain))
    return None


def look(space: Space, region: Region) -> tuple[int, int, int, Region]:
    """The boxes that may hold and that surely hold in a region, and those that hold at its plainest point; and that point."""
    may = sure = at_plain = -1
    plain: list[object] = []
    for memory, state in zip(space.memories, region, strict=True):
        view = memory[state]
        may &= view[0]
        sure &= view[1]
        plain.append(view[2])
        at_plain &= view[3]
    return may, sure, at_plain, tuple(plain)  # pyright: ignore[reportReturnType]


def _start(space: Space, question: Question) -> Region | None:
    region: Region | None = space.start
    for one_of in question.require:
        if region is not None and one_of.bit_count() == 1 and one_of.bit_length() <= space.size:
            region = space.narrowed(region, one_of.bit_length() - 1)
    return region


def _divided(space: Space, question: Question, region: Region, may: int, sure: int, at_plain: int) -> Iterator[Region]:
    """Two regions that make up this one. The one to look at first comes last."""
    spoiling = question.forbid & at_plain
    if spoiling:
        yield from reversed(_away_from_one(space, region, spoiling))
        return
    for one_of in question.require:
        if not one_of & at_plain:
            yield from _into_one(space, region, one_of & may)
            return
    for first, then in question.imply:
        if first & at_plain and not then & at_plain:
            loose = first & at_plain & ~sure
            yield from reversed(_away_from_one(space, region, loose)) if loose else _into_one(space, region, then & may)
            return


def _away_from_one(space: Space, region: Region, boxes: int) -> tuple[Region, Region]:
    """Divides at the demand of a box that fewest facts hold open, and among those that leaves fewest of the boxes."""
    best: tuple[int, int] | None = None
    found: tuple[Region, Region] | None = None
    for box in _some_bits(boxes):
        divisions = list(_divisions(space, region, box))
        for place, outside, inside in divisions:
            cost = (len(divisions), (boxes & space.memories[place][outside[place]].may).bit_count())
            if best is None or cost < best:
                best, found = cost, (outside, inside)
    assert found is not None  # a box that holds at a point of a region, and not in all of it, can be divided
    return found


def _into_one(space: Space, region: Region, boxes: int) -> tuple[Region, Region]:
    for box in bits_of(boxes):
        for _, outside, inside in _divisions(space, region, box):
            return outside, inside
    raise AssertionError("a box that may hold in a region, and does not at its plainest point, can be divided")


def _divisions(space: Space, region: Region, box: int) -> Iterator[tuple[int, Region, Region]]:
    for place in space.facts_of(box):
        divided = space.divide(place, box, region[place])
        if divided is not None:
            outside, inside = divided
            yield place, (*region[:place], outside, *region[place + 1 :]), (*region[:place], inside, *region[place + 1 :])


def _some_bits(bitmap: int) -> Iterator[int]:
    for count, bit in enumerate(bits_of(bitmap)):
        if count == _BOXES_COMPARED:
            return
        yield bit
