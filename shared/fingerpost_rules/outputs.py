"""Which rules give each output, as bitmaps of rules in file order: what proofs ask about."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fingerpost_rules.rows import Rule

if TYPE_CHECKING:
    from fingerpost_rules.rule_set import RuleSet


class Outputs:
    """The rules that name a lead, and for each lead, band, limit and so on the rules that give it."""

    def __init__(self, rule_set: "RuleSet") -> None:
        rules = rule_set.rules
        self.leads = _mask(rules, lambda rule: rule.then.lead is not None)
        self.overriders = _overriders(rules)
        self.lead_of = _masks(rules, lambda rule: rule.then.leads)
        self.also_of = _masks(rules, lambda rule: rule.then.also)
        self.copy_of = _masks(rules, lambda rule: rule.then.copy)
        self.alert_of = _masks(rules, lambda rule: rule.then.alert)
        self.tag_of = _masks(rules, lambda rule: rule.then.tag)
        self.bands = [(band, _mask(rules, lambda rule, band=band: rule.then.band == band)) for band in rule_set.bands]
        self.hours = _limit_masks(rules, "h")
        self.working_days = _limit_masks(rules, "d")
        self.received = _mask(rules, lambda rule: rule.then.feedback == "received")


def _overriders(rules: Iterable[Rule]) -> dict[int, int]:
    """By the place of each rule that is overridden, the rules that override it."""
    place_of = {rule.id: place for place, rule in enumerate(rules)}
    overriders: dict[int, int] = {}
    for place, rule in enumerate(rules):
        for overridden in rule.overrides:
            overriders[place_of[overridden]] = overriders.get(place_of[overridden], 0) | 1 << place
    return overriders


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
