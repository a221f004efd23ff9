"""Does each rule matter: is there a possible referral whose outcome would be another without it?

The outcome differs in one of a few ways, and each is a question. The ways may overlap; together they leave none out.
"""

from collections.abc import Iterator

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.coverage import Reach
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.prover import Prover, unproved
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking
from fingerpost_rules.proofs.search import NotProved
from fingerpost_rules.rows import Rule


def masked_rules(prover: Prover, reach: Reach) -> Iterator[Finding]:
    """Every rule that fires somewhere, and changes the outcome nowhere."""
    for place, rule in enumerate(prover.rule_set.rules):
        points = [reach.points[box] for box in bits_of(prover.space.boxes.of_rule[place]) if box in reach.points]
        if not points or any(_matters_at(prover, prover.fired_at(point), place) for point in points):
            continue
        try:
            if not _matters(prover, place, rule):
                message = (
                    f"{rule.id} changes nothing: wherever it fires, other rules give the same. Take it out, or say what it should add."
                )
                yield Finding("masked", (rule.id,), "wherever it fires", message)
        except NotProved:
            yield unproved((rule.id,), f"that {rule.id} changes any outcome.")


def _matters_at(prover: Prover, fired: int, rule: int) -> bool:
    return prover.combiner.decision(fired).outcome != prover.combiner.decision(fired & ~(1 << rule)).outcome


def _matters(prover: Prover, place: int, rule: Rule) -> bool:
    fires = prover.ask.one_fires(1 << place)
    return any(prover.point(fires & question) is not None for question in _Differences(prover.ask, place, rule).questions())


class _Differences:
    """The ways in which the outcome with a rule, that fires, differs from the outcome without it."""

    def __init__(self, ask: Asking, place: int, rule: Rule) -> None:
        self._ask = ask
        self._itself = 1 << place
        self._place = place
        self._then = rule.then
        self._others = ~self._itself
        self._released = [other for other in bits_of(ask.outputs.leads) if ask.overriders(other) & self._itself]

    def questions(self) -> Iterator[Question]:
        yield from self._unions()
        yield from self._band()
        yield from self._limits()
        yield from self._owners()
        if self._then.lead is not None:
            yield self._ask.none_fires(self._ask.outputs.leads & self._others)
            yield from self._released_owners()
            yield from self._leaders()
        yield from self._copies()

    def _unions(self) -> Iterator[Question]:
        """An alert, tag or feedback that no other rule gives."""
        outputs = self._ask.outputs
        for name in self._then.alert:
            yield self._no_other(outputs.alert_of[name])
        for name in self._then.tag:
            yield self._no_other(outputs.tag_of[name])
        if self._then.feedback == "received":
            yield self._no_other(outputs.received)

    def _no_other(self, rules: int) -> Question:
        return self._ask.none_fires(rules & self._others)

    def _band(self) -> Iterator[Question]:
        """A band more urgent than all others."""
        if self._then.band is not None:
            urgency = self._ask.rule_set.urgency_of[self._then.band]
            yield self._no_other(self._ask.giving(range(urgency + 1))) & self._routed_if_band_is_met(urgency)

    def _routed_if_band_is_met(self, urgency: int) -> Question:
        is_met = self._ask.unrouted_urgency <= urgency and self._then.lead is None
        return self._ask.routed() if is_met else Question()

    def _limits(self) -> Iterator[Question]:
        """A limit shorter than all others of its unit, the decided band's own among them."""
        within, outputs = self._then.within, self._ask.outputs
        if within is None:
            return
        limits = outputs.hours if within.unit == "h" else outputs.working_days
        as_short = sum(rules for amount, rules in limits if amount <= within.amount)
        bands = self._ask.rule_set.bands.values()
        own = {place for place, limit in enumerate(bands) if limit.unit == within.unit and limit.amount <= within.amount}
        for decided in self._ask.band_not_of(own):
            yield self._no_other(as_short) & decided

    def _owners(self) -> Iterator[Question]:
        """A destination that owns a part, and would own none without this rule."""
        for name in dict.fromkeys((*self._then.also, self._then.lead)):
            if name is None:
                continue
            keeps = Question() if name in self._then.also else self._ask.none_fires(self._ask.overriders(self._place))
            yield keeps & self._owned_by_no_other(name)

    def _owned_by_no_other(self, name: str) -> Question:
        ask = self._ask
        question = self._no_other(ask.outputs.also_of.get(name, 0)) & ask.none_stands(ask.leading(name) & self._others, self._itself)
        is_safety_net = name == ask.rule_set.unrouted_lead
        return question & ask.one_fires(ask.outputs.leads & self._others) if is_safety_net else question

    def _released_owners(self) -> Iterator[Question]:
        """A destination that owns nothing, and would lead or own a part if this rule did not override."""
        ask = self._ask
        for other in self._released:
            name = ask.rule_set.rules[other].then.lead or ""
            if name not in self._then.also:
                owned_by_none = ask.none_fires(ask.outputs.also_of.get(name, 0)) & ask.none_stands(ask.leading(name))
                yield ask.stands(other, without=self._itself) & owned_by_none

    def _leaders(self) -> Iterator[Question]:
        """Another leads: this rule did, and without it another does; or it keeps the one that would lead from leading."""
        ask, lead = self._ask, self._then.lead or ""
        this_leads = ask.none_fires(ask.overriders(self._place)) & ask.none_stands(ask.preceding(self._place))
        for other in bits_of(ask.outputs.leads & ~ask.leading(lead)):
            before = ask.leading(lead) & self._others & ask.preceding(other)
            yield this_leads & ask.stands(other, self._itself) & ask.none_stands(before, self._itself)
        for other in self._released:
            yield from self._kept_from_leading(other)

    def _kept_from_leading(self, released: int) -> Iterator[Question]:
        ask = self._ask
        name = ask.rule_set.rules[released].then.lead or ""
        would_lead = ask.stands(released, self._itself) & ask.none_stands(ask.preceding(released) & self._others, self._itself)
        for leader in bits_of(ask.outputs.leads & ~ask.leading(name)):
            yield would_lead & ask.stands(leader) & ask.none_stands(ask.leading(name) & ask.preceding(leader))

    def _copies(self) -> Iterator[Question]:
        """A copy that no other rule gives, to one who owns no part."""
        ask = self._ask
        for name in self._then.copy:
            question = self._no_other(ask.outputs.copy_of[name])
            question &= ask.none_fires(ask.outputs.also_of.get(name, 0)) & ask.none_stands(ask.leading(name))
            yield question & ask.routed() if name == ask.rule_set.unrouted_lead else question
