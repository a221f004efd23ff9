"""The ways in which one fact of a referral can get riskier, all else equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State
from fingerpost_rules.proofs.pairs import PairSpace
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.search import NotProved
from fingerpost_rules.proofs.space import Space, view

_MOST_SETS_TRIED = 5_000


@dataclass(frozen=True)
class Step:
    """Pairs of referrals of which the second is riskier in one fact.

    `losing` are the boxes that hold at some first and not at its second, as far as this fact tells. `lowest` asks that no lower
    value be possible at the first: only then does *unknown* have to be as urgent.
    """

    space: Space
    place: int
    first: State
    second: Callable[[State], State]
    losing: int
    lowest: Question = field(default_factory=Question)

    @cached_property
    def pairs(self) -> PairSpace:
        """The space of these pairs."""
        return PairSpace(self.space, self.place, self.first, self.second)


def steps_of(space: Space, place: int) -> Iterator[Step]:
    """Every step of a `risk: up` fact. Raises `NotProved` where a set has too many lowest values to try."""
    axis = space.axes[place]
    if isinstance(axis, ScalarAxis):
        yield from _to_later_values(space, place, axis)
        if axis.fact.has_unknown:
            yield from _lowest_value_to_unknown(space, place, axis)
    else:
        yield from _to_one_member_more(space, place, axis)
        if axis.fact.has_unknown:
            yield from _lowest_sets_to_unknown(space, place, axis)


def _to_later_values(space: Space, place: int, axis: ScalarAxis) -> Iterator[Step]:
    """From any value to a later one. Of later values that no box tells apart, the last has most values before it."""
    last_alike = {axis.column.accepting[value]: value for value in range(len(axis.fact.values))}
    for value in last_alike.values():
        if value:
            yield _step(space, place, (1 << value) - 1, 1 << value)


def _lowest_value_to_unknown(space: Space, place: int, axis: ScalarAxis) -> Iterator[Step]:
    """From the lowest possible value to unknown: a value is the lowest where each lower one is in some impossible box."""
    spoiling_lower: dict[int, None] = {}
    for value in range(len(axis.fact.values)):
        spoiling = axis.column.accepting[value] & _impossible_here(space, axis)
        if spoiling not in spoiling_lower:
            lowest = Question(require=tuple(boxes << 2 * space.size for boxes in spoiling_lower))
            yield _step(space, place, 1 << value, axis.fact.unknown_bit, lowest)
        if not spoiling:
            return
        spoiling_lower[spoiling] = None


def _to_one_member_more(space: Space, place: int, axis: SetAxis) -> Iterator[Step]:
    losing = dict(axis.column.forbidding)
    for member in axis.fact.bit_of.values():
        first = axis.range(0, axis.fact.all_members & ~member, known=True, unknown=False)
        if first is not None:
            yield Step(space, place, first, _adding(member), losing.get(member, 0))


def _adding(member: int) -> Callable[[State], State]:
    def step(state: State) -> State:
        return SetRange(state.low | member, state.high | member, True, False) if isinstance(state, SetRange) else state

    return step


def _lowest_sets_to_unknown(space: Space, place: int, axis: SetAxis) -> Iterator[Step]:
    """From each lowest possible set to unknown: a set of which each smaller one is in some impossible box."""
    tried = 0
    met_before: set[tuple[int, frozenset[int]]] = set()
    for held in _sets_that_may_be_lowest(space, axis):
        spoiling_smaller: set[int] = set()
        for smaller in _proper_subsets(held, axis.fact.at_least):
            tried += 1
            if tried > _MOST_SETS_TRIED:
                raise NotProved
            spoiling_smaller.add(axis.column.accepting(smaller) & _impossible_here(space, axis))
        key = (axis.column.accepting(held), frozenset(spoiling_smaller))
        if 0 in spoiling_smaller or key in met_before:
            continue
        met_before.add(key)
        lowest = Question(require=tuple(boxes << 2 * space.size for boxes in sorted(spoiling_smaller)))
        yield _step(space, place, SetRange(held, held, True, False), SetRange(0, 0, False, True), lowest)


def _sets_that_may_be_lowest(space: Space, axis: SetAxis) -> Iterator[int]:
    """All sets of the least size; and larger ones of members that some impossible box names, for without any other member
    they would be possible as well."""
    least = axis.fact.at_least
    yield from map(sum, combinations(axis.fact.bit_of.values(), least))
    named = 0
    for box in bits_of(_impossible_here(space, axis)):
        cell = axis.cells[box]
        named |= cell.every | cell.none_of
        for several in cell.some_of:
            named |= several
    members = [1 << member for member in bits_of(named)]
    for size in range(least + 1, len(members) + 1):
        yield from map(sum, combinations(members, size))


def _proper_subsets(held: int, least: int) -> Iterator[int]:
    members = [1 << member for member in bits_of(held)]
    for size in range(least, len(members)):
        yield from map(sum, combinations(members, size))


def _impossible_here(space: Space, axis: Axis) -> int:
    """The impossible boxes that have a cell for this fact: others spoil every value of it alike."""
    return space.boxes.impossible & axis.column.mentioning


def _step(space: Space, place: int, first: State, second: State, lowest: Question | None = None) -> Step:
    axis = space.axes[place]
    losing = view(axis, first).may & ~view(axis, second).may
    return Step(space, place, first, lambda _: second, losing, lowest or Question())
