"""The smallest changes of a referral that would change its outcome: fewest facts, nearest values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, product
from typing import Any

from fingerpost_rules.combining import Decision
from fingerpost_rules.moves import Move, moves_along
from fingerpost_rules.proofs.axes import State
from fingerpost_rules.proofs.space import Region, Space, value_of
from fingerpost_rules.rule_set import RuleSet

MOST_CHANGES = 20
_MOST_FACTS = 3
_MOST_TRIED = 300_000


@dataclass(frozen=True)
class Change:
    """Facts to set otherwise, and the decision that they would bring about."""

    set: Mapping[str, str | int | frozenset[str]]
    becomes: Decision

    def as_json(self) -> dict[str, Any]:
        changed = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in self.set.items()}
        return {"set": changed, "becomes": self.becomes.as_json()}


class Changes:
    """A rule set made ready to tell the smallest changes of any referral."""

    def __init__(self, rule_set: RuleSet, space: Space) -> None:
        self.combiner = rule_set.combiner
        self.space = space
        self.boxes = sum(space.boxes.of_rule) | space.forbidden
        self.looking_at = [axis.column.mentioning & self.boxes for axis in space.axes]
        self.moves = [moves_along(axis) for axis in space.axes]

    def smallest(self, point: Region, decision: Decision) -> tuple[Change, ...]:
        """Changes of as few facts as will do, up to twenty of them; none where three facts would not do.

        No change leads to what is impossible. For the same facts and the same new outcome only the nearest values are told.
        """
        search = _Search(self, point, decision)
        sizes = (tuple(islice(_by_turns(search.of_size(size)), MOST_CHANGES)) for size in range(1, _MOST_FACTS + 1))
        return next(filter(None, sizes), ())


def _by_turns(kinds: Iterable[Iterator[Change]]) -> Iterator[Change]:
    """The first change of each kind, then the next of each, so that none crowds out the others."""
    while kinds:
        going: list[Iterator[Change]] = []
        for changes in kinds:
            for change in islice(changes, 1):
                yield change
                going.append(changes)
        kinds = going


def _together(moves: Sequence[Iterator[Move]]) -> Iterator[tuple[Move, ...]]:
    """Every choice of one move of each."""
    return zip(moves[0], strict=True) if len(moves) == 1 else product(*moves)  # which would work out all at once


class _Search:
    """Looks for the changes of one referral, up to a limit of what is tried."""

    def __init__(self, ready: Changes, point: Region, decision: Decision) -> None:
        self._ready = ready
        self._point = point
        self._outcome = decision.outcome
        self._holding = [memory[state].may & ready.boxes for memory, state in zip(ready.space.memories, point, strict=True)]
        self._from = [*accumulate(reversed(self._holding), int.__and__, initial=ready.boxes)][::-1]
        self._left = _MOST_TRIED

    def of_size(self, size: int) -> Iterator[Iterator[Change]]:
        """For each so many facts that together may make a difference, the changes of these."""
        for places, others in self._some_facts(size, 0, self._ready.boxes):
            yield self._changes(places, others)

    def _some_facts(self, size: int, start: int, others: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """So many facts from `start` on, and the boxes that accept all others. Facts at which none of these looks are left out:
        without them the change is smaller."""
        if not size:
            yield (), others & self._from[start]
            return
        for place in range(start, len(self._holding)):
            if others & self._ready.looking_at[place]:
                for places, accepting in self._some_facts(size - 1, place + 1, others):
                    if accepting & self._ready.looking_at[place]:
                        yield (place, *places), accepting
            others &= self._holding[place]

    def _changes(self, places: Sequence[int], others: int) -> Iterator[Change]:
        forbidden, looking = self._ready.space.forbidden, 0
        for place in places:
            looking |= self._ready.looking_at[place]
        if others & forbidden & ~looking:
            return  # whatever these facts are, the others cannot be
        seen = {self._outcome}
        for changed in _together([self._moves(place, others) for place in places]):
            self._left -= 1
            if self._left < 0:
                return
            holds = others
            for _, accepting in changed:
                holds &= accepting
            if holds & forbidden:
                continue
            becomes = self._ready.combiner.decision(self._ready.space.boxes.rules_holding(holds))
            if becomes.outcome not in seen:
                seen.add(becomes.outcome)
                yield Change(self._named(places, [state for state, _ in changed]), becomes)

    def _moves(self, place: int, others: int) -> Iterator[Move]:
        matter = others & self._ready.looking_at[place]
        return self._ready.moves[place].from_value(self._point[place], self._holding[place], matter)

    def _named(self, places: Sequence[int], states: Sequence[State]) -> dict[str, str | int | frozenset[str]]:
        axes = [self._ready.space.axes[place] for place in places]
        return {axis.fact.name: value_of(axis, state) for axis, state in zip(axes, states, strict=True)}
