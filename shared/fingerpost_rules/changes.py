"""The smallest changes of a referral that would change its outcome: fewest facts, nearest values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product, zip_longest
from typing import Any

from fingerpost_rules.combining import Combiner, Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State
from fingerpost_rules.proofs.space import Region, Space, value_of
from fingerpost_rules.rule_set import RuleSet

MOST_CHANGES = 20
_MOST_FACTS = 3
_MOST_TRIED = 300_000
_MOST_MEMBERS_TRIED_ALL = 8

Moves = list[tuple[State, int]]
"""Other values of one fact, nearest first, with the boxes that accept each; of those that no box tells apart, the nearest."""


@dataclass(frozen=True)
class Change:
    """Facts to set otherwise, and the decision that they would bring about."""

    set: Mapping[str, str | int | frozenset[str]]
    becomes: Decision

    def as_json(self) -> dict[str, Any]:
        changed = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in self.set.items()}
        return {"set": changed, "becomes": self.becomes.as_json()}


def smallest_changes(rule_set: RuleSet, space: Space, point: Region, decision: Decision) -> tuple[Change, ...]:
    """Changes of as few facts as will do, up to twenty of them; none where three facts would not do.

    No change leads to what is impossible. For the same facts and the same new outcome only the nearest values are told.
    """
    moves = [_moves(space, place, state) for place, state in enumerate(point)]
    holding = [memory[state].may for memory, state in zip(space.memories, point, strict=True)]
    moving = [place for place, other in enumerate(moves) if other]
    tried = _Tried(rule_set.combiner, space, decision)
    for size in range(1, _MOST_FACTS + 1):
        found: list[list[Change]] = []
        for places in combinations(moving, size):
            found.append(list(tried.changes(places, holding, moves)))
            if tried.left < 0:
                break
        if any(found) or tried.left < 0:
            return tuple(_by_turns(found))[:MOST_CHANGES]
    return ()


def _by_turns(found: list[list[Change]]) -> Iterator[Change]:
    """The nearest change of each fact, then the next of each, so that none crowds out the others."""
    for turn in zip_longest(*found):
        yield from (change for change in turn if change is not None)


class _Tried:
    """Tries changes of some facts, up to a limit."""

    def __init__(self, combiner: Combiner, space: Space, decision: Decision) -> None:
        self._combiner = combiner
        self._space = space
        self._outcome = decision.outcome
        self._rule_boxes = sum(space.boxes.of_rule)
        self.left = _MOST_TRIED

    def changes(self, places: tuple[int, ...], holding: list[int], moves: list[Moves]) -> Iterator[Change]:
        others = self._rule_boxes | self._space.forbidden
        for place, boxes in enumerate(holding):
            if place not in places:
                others &= boxes
        seen = {self._outcome}
        for changed in product(*(moves[place] for place in places)):
            self.left -= 1
            holds = others
            for _, boxes in changed:
                holds &= boxes
            becomes = None if holds & self._space.forbidden else self._decided(holds)
            if becomes is not None and becomes.outcome not in seen:
                seen.add(becomes.outcome)
                yield Change(self._named(places, [state for state, _ in changed]), becomes)

    def _decided(self, holds: int) -> Decision:
        return self._combiner.decision(self._space.boxes.rules_holding(holds))

    def _named(self, places: tuple[int, ...], states: list[State]) -> dict[str, str | int | frozenset[str]]:
        axes = [self._space.axes[place] for place in places]
        return {axis.fact.name: value_of(axis, state) for axis, state in zip(axes, states, strict=True)}


def _moves(space: Space, place: int, state: State) -> Moves:
    memory = space.memories[place]
    nearest: dict[int, State] = {}
    for other in _others(space.axes[place], state):
        nearest.setdefault(memory[other].may, other)
    nearest.pop(memory[state].may, None)
    return [(other, boxes) for boxes, other in nearest.items()]


def _others(axis: Axis, state: State) -> Iterator[State]:
    """The other values of a fact, nearest first."""
    if isinstance(axis, ScalarAxis):
        here = state.bit_length() - 1 if isinstance(state, int) else 0
        values = sorted(range(len(axis.fact.domain)), key=lambda value: abs(value - here))
        yield from (1 << value for value in values)
    elif isinstance(state, SetRange):
        yield from _other_sets(axis, state)


def _other_sets(axis: SetAxis, state: SetRange) -> Iterator[State]:
    members = list(axis.fact.bit_of.values())
    most = len(members) if len(members) <= _MOST_MEMBERS_TRIED_ALL else 2
    for size in range(most + 1):
        for flipped in combinations(members, size):
            yield from _single(axis, state.low ^ sum(flipped))
    for cell in axis.cells.values():
        held = (state.low | cell.every) & ~cell.none_of
        for several in cell.some_of:
            held |= 0 if held & several else next(1 << member for member in bits_of(several))
        yield from _single(axis, held)
    if axis.fact.has_unknown:
        yield SetRange(0, 0, False, True)


def _single(axis: SetAxis, held: int) -> Iterator[State]:
    if held.bit_count() >= axis.fact.at_least:
        yield SetRange(held, held, True, False)
