"""Counts repeats: how many earlier referrals share a person, a pair or a place. A repeat is a risk signal, never a duplicate."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fingerpost_router.domain.calendar import months_before
from fingerpost_rules import Facts
from fingerpost_shared.contracts.events import FactValue, Token
from fingerpost_shared.contracts.values import value

SHORT_MONTHS, LONG_MONTHS = 6, 12


@value
class Window:
    """A referral's tokens, and since when earlier referrals with one of them count."""

    tokens: Sequence[Token]
    referral_id: UUID
    received_at: datetime
    since_short: datetime
    since_long: datetime


@dataclass
class Sightings:
    """What is known of a batch's tokens: the stored counts, and the referrals of the batch that came before.

    `shown_before` are the tokens that a referral of the batch has shown in an earlier version: the stored counts have those already.
    """

    stored: Mapping[tuple[str, UUID], tuple[int, int]]
    shown_before: Set[tuple[str, UUID]] = frozenset()
    in_batch: dict[str, list[tuple[datetime, UUID]]] = field(default_factory=dict[str, list[tuple[datetime, UUID]]])

    def count(self, token: Token, window: Window) -> tuple[int, int]:
        """Earlier referrals with this token, in the short and in the long window."""
        short, long = self.stored.get((token.value, window.referral_id), (0, 0))
        for at, other in self.in_batch.get(token.value, ()):
            if other != window.referral_id:
                short += at >= window.since_short
                long += at >= window.since_long
        return short, long

    def add(self, token: Token, at: datetime, referral_id: UUID) -> None:
        """A referral of the batch has this token: those after it count it."""
        if (token.value, referral_id) not in self.shown_before:
            self.in_batch.setdefault(token.value, []).append((at, referral_id))


def window_of(tokens: Sequence[Token], referral_id: UUID, received_at: datetime) -> Window:
    """The window in which repeats of a referral are looked for."""
    return Window(tokens, referral_id, received_at, months_before(received_at, SHORT_MONTHS), months_before(received_at, LONG_MONTHS))


def counted_facts(window: Window, sightings: Sightings, facts: Facts) -> dict[str, FactValue]:
    """The counted facts of a referral: the most that any token gives, and the most that a pair gives."""
    most_short = most_long = most_pair = 0
    for token in window.tokens:
        short, long = sightings.count(token, window)
        most_short, most_long = max(most_short, short), max(most_long, long)
        if token.of == "pair":
            most_pair = max(most_pair, long)
    counted = {"repeats_6m": most_short, "repeats_12m": most_long, "pair_repeats_12m": most_pair}
    return {name: facts.clamp(name, number) for name, number in counted.items() if name in facts.place_of}
