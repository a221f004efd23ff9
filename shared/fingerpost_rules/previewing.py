"""What a new rule set would have done with past referrals: how many move, from where to where, and which."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fingerpost_rules.combining import Decision
from fingerpost_rules.facts import FactValue
from fingerpost_rules.rule_set import RuleSet


@dataclass(frozen=True)
class Move:
    """One past referral, by the name it was given, that the new set decides otherwise."""

    name: str
    old: Decision
    new: Decision


@dataclass(frozen=True)
class Preview:
    """How many referrals were decided again, and those that move."""

    decided: int
    moves: tuple[Move, ...]

    @property
    def leads(self) -> Mapping[tuple[str, str], int]:
        """How many move from one lead to another, the most frequent first."""
        return dict(Counter((move.old.lead, move.new.lead) for move in self.moves if move.old.lead != move.new.lead).most_common())

    @property
    def bands(self) -> Mapping[tuple[str, str], int]:
        """How many move from one band to another, the most frequent first."""
        return dict(Counter((move.old.band, move.new.band) for move in self.moves if move.old.band != move.new.band).most_common())


def preview(old: RuleSet, new: RuleSet, snapshots: Iterable[tuple[str, Mapping[str, FactValue]]]) -> Preview:
    """Decides past referrals by both sets; `snapshots` are their names and their facts as they were, counts frozen.

    Raises `InvalidFacts` when facts are not values of the facts file that the sets were read with.
    """
    decided = 0
    moves: list[Move] = []
    for name, facts in snapshots:
        decided += 1
        before, after = old.decide(facts), new.decide(facts)
        if before.outcome != after.outcome:
            moves.append(Move(name, before, after))
    return Preview(decided, tuple(moves))
