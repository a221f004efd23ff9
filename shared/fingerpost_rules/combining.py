"""What fired rules say together: one lead, the most urgent band, the shortest limits, and the union of the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.rows import HOURS_IN_A_DAY, Feedback, Limit, Rule

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet

_MOST_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest time in hours and in working days; the leg is due at the earlier on the real calendar."""

    hours: int | None
    working_days: int | None


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
    """Combines fired rules. Rules are bits of a bitmap, in file order; each output is a few masks of rules."""

    def __init__(self, rule_set: "RuleSet") -> None:
        rules = rule_set.rules
        self._rules = rules
        self._rule_set = rule_set
        self._place_of = {rule.id: place for place, rule in enumerate(rules)}
        self.leads = _mask(rules, lambda rule: rule.then.lead is not None)
        self.overriders = self._overriders(rule_set.overriders_of)
        self._overridable = sum(1 << place for place in self.overriders)
        self.lead_of = _masks(rules, lambda rule: [rule.then.lead] if rule.then.lead else [])
        self.also_of = _masks(rules, lambda rule: rule.then.also)
        self.copy_of = _masks(rules, lambda rule: rule.then.copy)
        self.alert_of = _masks(rules, lambda rule: rule.then.alert)
        self.tag_of = _masks(rules, lambda rule: rule.then.tag)
        self.bands = [(band, _mask(rules, lambda rule, band=band: rule.then.band == band)) for band in rule_set.bands]
        self.hours = _limit_masks(rules, "h")
        self.working_days = _limit_masks(rules, "d")
        self.received = _mask(rules, lambda rule: rule.then.feedback == "received")
        self._ordered = sum(self.lead_of.get(lead, 0) for lead in rule_set.lead_order)
        self._owned = [(name, self.also_of.get(name, 0), self.lead_of.get(name, 0)) for name in sorted({*self.lead_of, *self.also_of})]
        self._remembered: dict[tuple[int, bool], Decision] = {}

    def decision(self, fired: int, *, impossible: bool = False) -> Decision:
        """What the fired rules decide. Referrals that fire the same rules share one decision."""
        decided = self._remembered.get((fired, impossible))
        if decided is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            decided = self._remembered[fired, impossible] = self._decide(fired, impossible)
        return decided

    def standing(self, fired: int) -> int:
        """The fired rules that name a lead and keep it."""
        overridden = sum(1 << place for place in bits_of(fired & self._overridable) if fired & self.overriders[place])
        return fired & self.leads & ~overridden

    def _decide(self, fired: int, impossible: bool) -> Decision:
        standing = self.standing(fired)
        lead = self._leader(standing)
        band = self._band(fired, unrouted=not standing)
        limits = self._limits(fired, self._rule_set.bands[band])
        also = self._also(fired, standing, lead)
        as_hours = [limits.hours, limits.working_days and limits.working_days * HOURS_IN_A_DAY]
        return Decision(
            lead=lead,
            band=band,
            within_hours=min(hours for hours in as_hours if hours is not None),
            limits=limits,
            also=also,
            copy=tuple([name for name in _given(self.copy_of, fired) if name != lead and name not in also]),
            alert=_given(self.alert_of, fired),
            tag=_given(self.tag_of, fired),
            feedback="received" if fired & self.received else "full",
            fired=tuple([self._rules[place].id for place in bits_of(fired)]),
            overridden=tuple([self._rules[place].id for place in bits_of(fired & self.leads & ~standing)]),
            unrouted=not standing,
            impossible=impossible,
        )

    def _leader(self, standing: int) -> str:
        if not standing:
            return self._rule_set.unrouted_lead
        if standing & self._ordered:
            return next(lead for lead in self._rule_set.lead_order if standing & self.lead_of.get(lead, 0))
        first = self._rules[next(bits_of(standing))].then.lead
        return first or self._rule_set.unrouted_lead

    def _band(self, fired: int, *, unrouted: bool) -> str:
        fallback = self._rule_set.unrouted_band
        return next(band for band, rules in self.bands if fired & rules or (unrouted and band == fallback))

    def _limits(self, fired: int, own: Limit) -> Limits:
        hours = next((amount for amount, rules in self.hours if fired & rules), None)
        days = next((amount for amount, rules in self.working_days if fired & rules), None)
        if own.unit == "h":
            return Limits(own.amount if hours is None else min(hours, own.amount), days)
        return Limits(hours, own.amount if days is None else min(days, own.amount))

    def _also(self, fired: int, standing: int, lead: str) -> tuple[str, ...]:
        return tuple([name for name, also, led in self._owned if (fired & also or standing & led) and name != lead])

    def _overriders(self, overriders_of: Mapping[str, frozenset[str]]) -> dict[int, int]:
        return {
            self._place_of[rule_id]: sum(1 << self._place_of[overrider] for overrider in overriders)
            for rule_id, overriders in overriders_of.items()
        }


def _mask(rules: Iterable[Rule], gives: Callable[[Rule], bool]) -> int:
    return sum(1 << place for place, rule in enumerate(rules) if gives(rule))


def _masks(rules: Iterable[Rule], names_in: Callable[[Rule], Iterable[str]]) -> dict[str, int]:
    """For each name that a rule gives, in the order of the alphabet, the rules that give it."""
    masks: dict[str, int] = {}
    for place, rule in enumerate(rules):
        for name in names_in(rule):
            masks[name] = masks.get(name, 0) | 1 << place
    return dict(sorted(masks.items()))


def _limit_masks(rules: Iterable[Rule], unit: str) -> list[tuple[int, int]]:
    """The amounts that rules give `within` in this unit, shortest first, each with the rules that give it."""
    masks: dict[int, int] = {}
    for place, rule in enumerate(rules):
        within = rule.then.within
        if within is not None and within.unit == unit:
            masks[within.amount] = masks.get(within.amount, 0) | 1 << place
    return sorted(masks.items())


def _given(rules_of: Mapping[str, int], fired: int) -> tuple[str, ...]:
    return tuple([name for name, rules in rules_of.items() if fired & rules])
