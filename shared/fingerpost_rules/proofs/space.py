"""The space of all referrals, and the boxes in it: the alternatives of every rule, of the sentences, and what is impossible.

A *region* is one state for each fact; where every state is a single value, it is one referral, a *point*.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from fingerpost_rules.cells import Box, Cell, Members, Values
from fingerpost_rules.compiled import Column, ScalarColumn, bits_of, columns_of
from fingerpost_rules.facts import Fact, Facts, ScalarFact
from fingerpost_rules.memory import Memory
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State, View
from fingerpost_rules.rule_set import RuleSet

Region = tuple[State, ...]
Views = Memory[State, View]

FactsOfPoint = dict[str, str | int | frozenset[str]]


@dataclass(frozen=True)
class Boxes:
    """All boxes that proofs speak of, in one row. Whose they are, is said by masks of their bits."""

    boxes: tuple[Box, ...]
    of_rule: tuple[int, ...]
    of_sentence: tuple[int, ...]
    impossible: int

    def of_rules(self, rules: int) -> int:
        """The boxes of the rules in a bitmap of rules."""
        return reduce(lambda boxes, rule: boxes | self.of_rule[rule], bits_of(rules), 0)

    @cached_property
    def rule_of(self) -> Mapping[int, int]:
        """The place of the rule that each box belongs to."""
        return {box: rule for rule, boxes in enumerate(self.of_rule) for box in bits_of(boxes)}

    def rules_holding(self, holding: int) -> int:
        """The rules of which some box is in a bitmap of boxes."""
        rules = 0
        for box in bits_of(holding & self._rule_boxes):
            rules |= 1 << self.rule_of[box]
        return rules

    @cached_property
    def _rule_boxes(self) -> int:
        return reduce(lambda all_boxes, boxes: all_boxes | boxes, self.of_rule, 0)


def boxes_of(rule_set: RuleSet) -> Boxes:
    """The boxes of a rule set, its facts and its sentences."""
    row: list[Box] = []

    def add(boxes: Iterable[Box]) -> int:
        start = len(row)
        row.extend(boxes)
        return (1 << len(row)) - (1 << start)

    of_rule = tuple(add(rule.condition.boxes) for rule in rule_set.rules)
    of_sentence = tuple(add(sentence.condition.boxes) for sentence in rule_set.must_hold)
    impossible = add((*rule_set.facts.impossible, *_count_boxes(rule_set.facts)))
    return Boxes(tuple(row), of_rule, of_sentence, impossible)


def _count_boxes(facts: Facts) -> Iterable[Box]:
    """Where the left of a `never_more_than` is over some number and the right is not."""
    for left, right in facts.never_more_than:
        lesser, greater = facts.facts[left], facts.facts[right]
        if isinstance(lesser, ScalarFact) and isinstance(greater, ScalarFact):
            for number in range(int(greater.values[0]), int(lesser.values[-1])):
                over = _mask(lesser, lambda value, number=number: value > number)
                not_over = _mask(greater, lambda value, number=number: value <= number)
                yield {left: Values(over), right: Values(not_over)}


def _mask(fact: ScalarFact, accepts: Callable[[int], bool]) -> int:
    return sum(1 << place for place, value in enumerate(fact.values) if accepts(int(value)))


class Space:
    """Where a search looks: an axis a fact, each seen through a memory of the states met so far.

    A bit of a bitmap is a box; in a space of pairs, boxes at the second referral have bits of their own (see `pairs`).
    """

    def __init__(self, axes: Sequence[Axis], boxes: Boxes) -> None:
        self.axes = tuple(axes)
        self.boxes = boxes
        self.size = len(boxes.boxes)
        self.start: Region = tuple(axis.full for axis in axes)
        self.forbidden = boxes.impossible
        self.memories: tuple[Views, ...] = tuple(Memory(self._viewer(place)) for place in range(len(self.axes)))

    @cached_property
    def tripled(self) -> tuple[Views, ...]:
        """The same memories for pairs: what holds at one referral holds at the other, in the facts that they share."""
        return tuple(Memory(self._tripling(memory)) for memory in self.memories)

    def divide(self, place: int, box: int, state: State) -> tuple[State, State] | None:
        """The state of a fact outside and inside a demand of a box, or none where it is all on one side."""
        return divide(self.axes[place], box, state)

    def facts_of(self, box: int) -> Iterable[int]:
        """The places of the facts that a box has a cell for."""
        return self.boxes.boxes[box % self.size]

    def narrowed(self, region: Region, box: int) -> Region | None:
        """The smallest region that holds all of `region` that is inside a box, if any is."""
        states = list(region)
        for place in self.facts_of(box):
            met = self.met(place, box, states[place])
            if met is None:
                return None
            states[place] = met
        return tuple(states)

    def met(self, place: int, box: int, state: State) -> State | None:
        """What of the state of a fact a box accepts, if anything; or all of it, where that is no state."""
        return meet(self.axes[place], state, self.boxes.boxes[box][place])

    def referral(self, point: Region) -> FactsOfPoint:
        """The facts of a point."""
        return {axis.fact.name: value_of(axis, state) for axis, state in zip(self.axes, point, strict=True)}

    def _tripling(self, memory: Views) -> Callable[[State], View]:
        def look(state: State) -> View:
            may, sure, plain, at_plain = memory[state]
            rows = [in_rows(self.size, bitmap, bitmap, bitmap) for bitmap in (may, sure, at_plain)]
            return View(rows[0], rows[1], plain, rows[2])

        return look

    def _viewer(self, place: int) -> Callable[[State], View]:
        axis = self.axes[place]
        return lambda state: view(axis, state)


def in_rows(size: int, first: int, second: int, third: int) -> int:
    """Three bitmaps of `size` boxes in one."""
    every = (1 << size) - 1
    return first & every | (second & every) << size | (third & every) << 2 * size


def joined(old: RuleSet, new: RuleSet, further: Sequence[Box]) -> tuple[Boxes, Boxes, int]:
    """The boxes of two rule sets in one row, without their sentences, and the place of the first of `further` boxes after them.

    A box of the new set that the old one has too is one box, so that nothing has to be proved about it.
    """
    before, after = boxes_of(replace(old, must_hold=())), boxes_of(replace(new, must_hold=()))
    row = list(before.boxes)
    place_of = {frozenset(box.items()): place for place, box in enumerate(row)}
    places: list[int] = []
    for box in after.boxes:
        known = place_of.get(frozenset(box.items()))
        places.append(len(row) if known is None else known)
        row.extend([box] if known is None else [])
    moved = tuple(sum({1 << places[box] for box in bits_of(boxes)}) for boxes in after.of_rule)
    every = (*row, *further)
    return replace(before, boxes=every), Boxes(every, moved, (), before.impossible), len(row)


def space_of(rule_set: RuleSet, boxes: Boxes | None = None) -> Space:
    """The space of all single referrals of a rule set's facts, with its own boxes or others."""
    boxes = boxes or boxes_of(rule_set)
    columns = columns_of(rule_set.facts, boxes.boxes)
    quiet = rule_set.facts.quiet()
    axes = [
        _axis(fact, place, column, boxes, quiet[fact.name])
        for place, (fact, column) in enumerate(zip(rule_set.facts.facts, columns, strict=True))
    ]
    return Space(axes, boxes)


def _axis(fact: Fact, place: int, column: Column, boxes: Boxes, quiet: str | int | frozenset[str]) -> Axis:
    cells = {number: box[place] for number, box in enumerate(boxes.boxes) if place in box}
    if isinstance(fact, ScalarFact) and isinstance(column, ScalarColumn) and not isinstance(quiet, frozenset):
        values = {box: cell for box, cell in cells.items() if isinstance(cell, Values)}
        return ScalarAxis(fact, column, values, 1 << fact.place_of[quiet])
    if isinstance(fact, ScalarFact) or isinstance(column, ScalarColumn):
        raise TypeError("a fact, its column and its quiet value are of one kind")
    members = {box: cell for box, cell in cells.items() if isinstance(cell, Members)}
    plainest = SetRange(0, 0, False, True)
    if isinstance(quiet, frozenset):
        held = fact.mask(quiet)
        plainest = SetRange(held, held, True, False) if len(quiet) >= fact.at_least else None
    return SetAxis(fact, column, members, plainest)


# What the two kinds of axis do, for a state of the right kind.


def view(axis: Axis, state: State) -> View:
    """See `View`."""
    return axis.view(state)  # pyright: ignore[reportArgumentType]


def divide(axis: Axis, box: int, state: State) -> tuple[State, State] | None:
    """See `Space.divide`."""
    return axis.divide(box, state)  # pyright: ignore[reportArgumentType]


def meet(axis: Axis, state: State, cell: Cell) -> State | None:
    """What of a state a cell accepts, if anything."""
    return axis.meet(state, cell)  # pyright: ignore[reportArgumentType]


def value_of(axis: Axis, state: State) -> str | int | frozenset[str]:
    """The value of a single state."""
    return axis.value(state)  # pyright: ignore[reportArgumentType]
