"""What rules being fired, leads standing and bands being decided mean as questions about boxes.

Rules are bitmaps of rules here, in file order. Answers that can come about in several ways are lists of questions, one of which
must be answered.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.space import Boxes
from fingerpost_rules.rows import Limit
from fingerpost_rules.rule_set import RuleSet


class Asking:
    """Builds questions about one referral of a rule set. `shift` moves them to the second referral of a pair."""

    def __init__(self, rule_set: RuleSet, boxes: Boxes, shift: int = 0) -> None:
        self.rule_set = rule_set
        self.boxes = boxes
        self.outputs = rule_set.outputs
        self.shift = shift
        self.unrouted_urgency = rule_set.urgency_of[rule_set.unrouted_band]
        self._order = {lead: place for place, lead in enumerate(rule_set.lead_order)}

    def at(self, shift: int) -> "Asking":
        """The same questions about another referral of a pair."""
        return Asking(self.rule_set, self.boxes, shift)

    def none_fires(self, rules: int) -> Question:
        return Question(forbid=self.boxes.of_rules(rules) << self.shift)

    def one_fires(self, rules: int) -> Question:
        return Question(require=(self.boxes.of_rules(rules) << self.shift,))

    def none_stands(self, rules: int, without: int = 0) -> Question:
        """None of these rules fires and keeps its lead; `without` are rules that do not count as overriding."""
        plain = sum(1 << rule for rule in bits_of(rules) if not self.overriders(rule) & ~without)
        implied = tuple(
            (self.boxes.of_rule[rule] << self.shift, self.boxes.of_rules(self.overriders(rule) & ~without) << self.shift)
            for rule in bits_of(rules & ~plain)
        )
        return self.none_fires(plain) & Question(imply=implied)

    def stands(self, rule: int, without: int = 0) -> Question:
        """This rule fires and keeps its lead."""
        return self.one_fires(1 << rule) & self.none_fires(self.overriders(rule) & ~without)

    def unrouted(self) -> Question:
        """No lead is left. Overriding needs a lead, and goes round in no circle, so then none fired."""
        return self.none_fires(self.outputs.leads)

    def routed(self) -> Question:
        return self.one_fires(self.outputs.leads)

    def overriders(self, rule: int) -> int:
        return self.outputs.overriders.get(rule, 0)

    def leading(self, name: str) -> int:
        """The rules that name this lead."""
        return self.outputs.lead_of.get(name, 0)

    def preceding(self, rule: int) -> int:
        """The rules with a lead that, standing too, would have the word before this one."""
        return self._preceding[rule]

    @cached_property
    def _preceding(self) -> dict[int, int]:
        preceding: dict[int, int] = {}
        earlier = 0
        for rule in sorted(bits_of(self.outputs.leads), key=self._key):
            preceding[rule] = earlier
            earlier |= 1 << rule
        return preceding

    def _key(self, place: int) -> tuple[int, int, int]:
        lead = self.rule_set.rules[place].then.lead
        order = self._order.get(lead or "")
        return (1, place, 0) if order is None else (0, order, place)

    # Bands, by their urgency: 0 is the most urgent

    def giving(self, urgencies: Iterable[int]) -> int:
        """The rules that give a band of one of these urgencies."""
        return reduce(lambda rules, urgency: rules | self.outputs.bands[urgency][1], urgencies, 0)

    def band_after(self, urgency: int) -> Question:
        """The decided band is less urgent than this."""
        question = self.none_fires(self.giving(range(urgency + 1)))
        return question & self.routed() if self.unrouted_urgency <= urgency else question

    def band_is(self, urgency: int) -> Iterator[Question]:
        """The decided band is just this one."""
        yield self.band_after(urgency - 1) & self.one_fires(self.giving([urgency]))
        if self.unrouted_urgency == urgency:
            yield self.none_fires(self.giving(range(urgency))) & self.unrouted()

    def band_not_of(self, urgencies: set[int]) -> Iterator[Question]:
        """The decided band is none of these."""
        last = max(urgencies, default=-1)
        yield self.band_after(last)
        for urgency in range(last):
            if urgency not in urgencies:
                yield from self.band_is(urgency)

    def urgency_within(self, limit: Limit) -> int:
        """The last urgency whose band is as short as a limit; -1 if none is."""
        return sum(band.hours <= limit.hours for band in self.rule_set.bands.values()) - 1

    # Time limits

    def hours_met(self, hours: int) -> tuple[int, set[int]]:
        """What gives a limit of so many hours or fewer: rules, and the urgencies of bands."""
        bands = self.rule_set.bands.values()
        own = {place for place, limit in enumerate(bands) if limit.unit == "h" and limit.amount <= hours}
        return _shorter(self.outputs.hours, hours), own

    def days_met(self, days: int) -> tuple[int, set[int]]:
        """What gives a limit of so many working days or fewer, or 24 times as many hours."""
        own = {place for place, limit in enumerate(self.rule_set.bands.values()) if limit.hours <= days * 24}
        return _shorter(self.outputs.working_days, days) | _shorter(self.outputs.hours, days * 24), own


def _shorter(limits: list[tuple[int, int]], amount: int) -> int:
    return reduce(lambda rules, limit: rules | (limit[1] if limit[0] <= amount else 0), limits, 0)
