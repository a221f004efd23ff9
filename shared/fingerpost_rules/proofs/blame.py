"""Why a region holds no answer: the facts whose states alone rule it out, as a bitmap of their places."""

from collections.abc import Iterable

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.space import Region, Space

_REASONS_COMPARED = 6


def blamed(space: Space, question: Question, start: Region, region: Region, may: int, sure: int) -> int:
    """The facts to blame that a region is hopeless; few, if there is a choice of reasons. Facts not narrowed yet bear no blame."""
    reasons = [_holding(space, start, region, box) for box in _some(sure & question.forbid)]
    if not reasons:
        reasons = [_none_possible(space, start, region, one_of) for one_of in question.require if not may & one_of]
    if not reasons:
        reasons = [
            _holding(space, start, region, next(bits_of(sure & first))) | _none_possible(space, start, region, then)
            for first, then in question.imply
            if sure & first and not may & then
        ]
    return min(reasons, key=int.bit_count)


def _holding(space: Space, start: Region, region: Region, box: int) -> int:
    """The facts that make a box surely hold."""
    return sum(1 << place for place in space.facts_of(box) if region[place] != start[place])


def _none_possible(space: Space, start: Region, region: Region, boxes: int) -> int:
    """Facts that keep each of these boxes from holding: those that keep most of them."""
    blame = 0
    keeping = {
        place: boxes & ~space.memories[place][state].may for place, state in enumerate(region) if boxes & ~space.memories[place][state].may
    }
    for place in list(keeping):
        if region[place] == start[place]:
            boxes &= ~keeping.pop(place)
    while boxes:
        place = max(keeping, key=lambda place: (keeping[place] & boxes).bit_count())
        blame |= 1 << place
        boxes &= ~keeping[place]
    return blame


def _some(bitmap: int) -> Iterable[int]:
    return [box for box, _ in zip(bits_of(bitmap), range(_REASONS_COMPARED), strict=False)]
