"""What fired rules say together: one lead, the most urgent band, the shortest limits, and the union of the rest.

All that a rule gives is one word of bits, so what several give is their words or-ed; what bits mean is worked out once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.memory import Memory
from fingerpost_rules.rows import HOURS_IN_A_DAY, Feedback, Rule

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet

Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest time in hours and in working days; the leg is due at the earlier on the real calendar."""

    hours: int | None
    working_days: int | None

    def meet(self, others: "Limits") -> bool:
        """Whether who keeps these keeps the others too. A working day may last a weekend, so it meets no hours; 24 hours meet it."""
        hours, days = self.hours or inf, self.working_days or inf
        in_days = min(days * HOURS_IN_A_DAY, hours)
        return hours <= (others.hours or inf) and in_days <= (others.working_days or inf) * HOURS_IN_A_DAY


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one referral and how it came about. Lists are sorted, `fired` and `overridden` in file order."""

    lead: str
    band: str
    within_hours: int
    limits: Limits
    also: tuple[str, ...]
    copy: tuple[str, ...]
    alert: tuple[str, ...]
    tag: tuple[str, ...]
    feedback: Feedback
    fired: tuple[str, ...]
    overridden: tuple[str, ...]
    unrouted: bool
    impossible: bool

    @property
    def outcome(self) -> tuple[object, ...]:
        """What the referral comes to, whichever rules brought it about."""
        where = (self.lead, self.also, self.copy, self.alert)
        return (*where, self.band, self.limits, self.tag, self.feedback, self.unrouted)

    def as_json(self) -> dict[str, Any]:
        """The decision as `rules decide` writes it."""
        return asdict(self)


class Combiner:
    """Combines fired rules, which are a bitmap in file order."""

    def __init__(self, rule_set: "RuleSet") -> None:
        self._own_limits = rule_set.bands
        thens = [rule.then for rule in rule_set.rules]
        named = sorted({rule_set.unrouted_lead, *(name for then in thens for name in (*then.leads, *then.also, *then.copy))})
        # Leads that lead_order names come first, so that the lowest bit of those that stand has the word.
        destinations = tuple(dict.fromkeys((*rule_set.lead_order, *named)))
        self._bands = _Field(rule_set.bands, start=0)
        self._within = _Field(dict.fromkeys(then.within for then in thens if then.within), start=self._bands.end)
        self._owners = _Field(destinations, start=self._within.end)
        self._copy = _Field(destinations, start=self._owners.end)
        self._alert = _Field(sorted({name for then in thens for name in then.alert}), start=self._copy.end)
        self._tag = _Field(sorted({name for then in thens for name in then.tag}), start=self._alert.end)
        self._received = 1 << self._tag.end
        self._times = self._bands.mask | self._within.mask
        self._ordered = self._owners.word(rule_set.lead_order)
        self._unrouted_lead = self._owners.word([rule_set.unrouted_lead])
        self._unrouted_band = self._bands.word([rule_set.unrouted_band])
        place_of = {rule.id: place for place, rule in enumerate(rule_set.rules)}
        self._rows = [self._row(rule, place_of) for rule in rule_set.rules]
        self._times_in = Memory(self._times_of)
        self._destinations_in = Memory(self._destinations_of)
        self._alerts_in = Memory(self._alert.outputs)
        self._tags_in = Memory(self._tag.outputs)
        self._decisions = Memory(self._decide)

    def decision(self, fired: int, *, impossible: bool = False) -> Decision:
        """What the fired rules decide. Referrals that fire the same rules share one decision."""
        return self._decisions[fired, impossible]

    def _decide(self, asked: tuple[int, bool]) -> Decision:
        fired, impossible = asked
        rows = [self._rows[place] for place in bits_of(fired)]
        given = overridden = standing = earliest = 0
        for row in rows:
            given |= row.gives
            overridden |= row.overrides
        for row in rows:
            if row.lead and not row.itself & overridden:
                standing |= row.lead
                earliest = earliest or row.lead
        ordered = standing & self._ordered
        leading = ordered & -ordered or earliest or self._unrouted_lead
        band, within_hours, limits = self._times_in[(given if standing else given | self._unrouted_band) & self._times]
        also = (given & self._owners.mask | standing) & ~leading
        copy = (given & self._copy.mask) >> self._owners.size & ~(also | leading)
        return Decision(
            lead=self._destinations_in[leading][0],
            band=band,
            within_hours=within_hours,
            limits=limits,
            also=self._destinations_in[also],
            copy=self._destinations_in[copy],
            alert=self._alerts_in[given & self._alert.mask],
            tag=self._tags_in[given & self._tag.mask],
            feedback="received" if given & self._received else "full",
            fired=tuple([row.id for row in rows]),
            overridden=tuple([row.id for row in rows if row.itself & overridden]),
            unrouted=not standing,
            impossible=impossible,
        )

    def _times_of(self, given: int) -> tuple[str, int, Limits]:
        """The decided band, the limit for reading, and both limits, the band's own among them."""
        band = self._bands.outputs(given)[0]
        limits = [self._own_limits[band], *self._within.outputs(given)]
        hours, days = (min([limit.amount for limit in limits if limit.unit == unit], default=None) for unit in ("h", "d"))
        return band, min(limit.hours for limit in limits), Limits(hours, days)

    def _destinations_of(self, word: int) -> tuple[str, ...]:
        return tuple(sorted(self._owners.outputs(word)))

    def _row(self, rule: Rule, place_of: Mapping[str, int]) -> "_Row":
        then = rule.then
        gives = self._bands.word([then.band] if then.band else []) | self._within.word([then.within] if then.within else [])
        gives |= self._owners.word(then.also) | self._copy.word(then.copy) | self._alert.word(then.alert) | self._tag.word(then.tag)
        gives |= self._received if then.feedback == "received" else 0
        overrides = sum(1 << place_of[overridden] for overridden in rule.overrides)
        return _Row(rule.id, 1 << place_of[rule.id], gives, self._owners.word(then.leads), overrides)


class _Row(NamedTuple):
    """A rule made ready. `gives` is all but its lead, which others may override."""

    id: str
    itself: int
    gives: int
    lead: int
    overrides: int


class _Field(Generic[Output]):
    """A run of bits in a word: one for each output, the first lowest."""

    def __init__(self, outputs: Iterable[Output], start: int) -> None:
        self._outputs = tuple(outputs)
        self._start = start
        self._bit_of = {output: 1 << place for place, output in enumerate(self._outputs, start)}
        self.size = len(self._outputs)
        self.end = start + self.size
        self.mask = (1 << self.end) - (1 << start)

    def word(self, outputs: Sequence[Output]) -> int:
        """The bits of these outputs."""
        return sum({self._bit_of[output] for output in outputs})

    def outputs(self, word: int) -> tuple[Output, ...]:
        """The outputs whose bits are in a word, whatever else it holds."""
        return tuple([self._outputs[place - self._start] for place in bits_of(word & self.mask)])
