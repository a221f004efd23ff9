"""Finds a point that answers a question, or proves that there is none, or stops at its limit.

The search keeps a region and looks at its plainest point. If that is no answer, the box that spoils it tells where to divide:
first away from the box, then into it. Where a region is surely no answer, it is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.blame import blamed
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.space import Region, Space

_MOST_STEPS_OF_ALL = 400_000
_BOXES_COMPARED = 8


class NotProved(Exception):
    """The search stopped at its limit before it found a point or could rule one out."""


@dataclass
class Effort:
    """How many regions may be looked at: for one question, and for all of a check."""

    steps_a_question: int = 10_000
    left: int = field(default=_MOST_STEPS_OF_ALL)

    def spend(self, steps: int) -> None:
        """Raises `NotProved` when a question has used up its share, or the check has."""
        self.left -= 1
        if steps > self.steps_a_question or self.left < 0:
            raise NotProved


@dataclass
class _Fork:
    """A division on the way to the region that is looked at: at which fact, and what is still to be looked at."""

    place: int
    was_open: bool
    other: Region | None
    blamed: int = 0


def find(space: Space, question: Question, effort: Effort) -> Region | None:
    """A point that answers the question, as plain as the search comes upon; none if there is none. Raises `NotProved`."""
    steps = count(1)
    for asked in _cases(question & Question(forbid=space.forbidden)):
        point = _find_in(space, asked, _start(space, asked), effort, steps)
        if point is not None:
            return point
    return None


def _cases(question: Question) -> Iterator[Question]:
    """The boxes of one requirement one by one: what rules out the first tells nothing of the next."""
    simple = question.simplified()
    choices = [one_of for one_of in simple.require if one_of.bit_count() > 1] if simple is not None else []
    if simple is not None and not choices:
        yield simple
    for box in bits_of(min(choices, key=int.bit_count)) if choices else ():
        case = (question & Question(require=(1 << box,))).simplified()
        if case is not None:
            yield case


def _start(space: Space, question: Question) -> Region | None:
    """The smallest region that holds all points in the boxes that are required without a choice, if there is any."""
    region: Region | None = space.start
    for one_of in question.require:
        if region is not None and one_of.bit_count() == 1:
            region = space.narrowed(region, one_of.bit_length() - 1)
    return region


def _find_in(space: Space, asked: Question, region: Region | None, effort: Effort, steps: Iterator[int]) -> Region | None:
    """A point of the region that answers.

    A failure blames the facts that it came of, as a bitmap of their places; divisions of other facts need no second look.
    """
    start = region
    forks: list[_Fork] = []
    while region is not None and start is not None:
        effort.spend(next(steps))
        may, sure, at_plain, plain = look(space, region)
        if asked.is_hopeless(may, sure):
            region = _next(forks, blamed(space, asked, start, region, may, sure))
        elif asked.is_answered(at_plain, at_plain):
            return plain
        else:
            place, first, other = _divided(space, asked, region, may, sure, at_plain)
            forks.append(_Fork(place, region[place] == start[place], other))
            region = first
    return None


def _next(forks: list[_Fork], blame: int) -> Region | None:
    """The region to look at after a failure: the other side of the last division that had a part in it."""
    while forks:
        fork = forks[-1]
        is_blamed = blame >> fork.place & 1
        if is_blamed and fork.other is not None:
            region, fork.other = fork.other, None
            fork.blamed = blame
            return region
        if is_blamed:
            blame |= fork.blamed
            if fork.was_open:
                blame &= ~(1 << fork.place)
        forks.pop()
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


Division = tuple[int, Region, Region]
"""The place of a fact, and the two regions that a division of it makes: the one to look at first comes first."""


def _divided(space: Space, question: Question, region: Region, may: int, sure: int, at_plain: int) -> Division:
    spoiling = question.forbid & at_plain
    if spoiling:
        return _away_from_one(space, region, spoiling)
    for one_of in question.require:
        if not one_of & at_plain:
            return _into_one(space, region, one_of & may)
    for first, then in question.imply:
        if first & at_plain and not then & at_plain:
            loose = first & at_plain & ~sure
            return _away_from_one(space, region, loose) if loose else _into_one(space, region, then & may)
    raise AssertionError("the plainest point is no answer, so something spoils it")


def _away_from_one(space: Space, region: Region, boxes: int) -> Division:
    """Divides at the demand of a box that fewest facts hold open, and among those that leaves fewest of the boxes."""
    best: tuple[int, int] | None = None
    found: Division | None = None
    for box in _some_bits(boxes):
        divisions = list(_divisions(space, region, box))
        for place, outside, inside in divisions:
            cost = (len(divisions), (boxes & space.memories[place][outside[place]].may).bit_count())
            if best is None or cost < best:
                best, found = cost, (place, outside, inside)
    assert found is not None  # a box that holds at a point of a region, and not in all of it, can be divided
    return found


def _into_one(space: Space, region: Region, boxes: int) -> Division:
    for box in bits_of(boxes):
        for place, outside, inside in _divisions(space, region, box):
            return place, inside, outside
    raise AssertionError("a box that may hold in a region, and does not at its plainest point, can be divided")


def _divisions(space: Space, region: Region, box: int) -> Iterator[Division]:
    for place in space.facts_of(box):
        divided = space.divide(place, box, region[place])
        if divided is not None:
            outside, inside = divided
            yield place, (*region[:place], outside, *region[place + 1 :]), (*region[:place], inside, *region[place + 1 :])


def _some_bits(bitmap: int) -> Iterator[int]:
    for number, bit in enumerate(bits_of(bitmap)):
        if number == _BOXES_COMPARED:
            return
        yield bit
