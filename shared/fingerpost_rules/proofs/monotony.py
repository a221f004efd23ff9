"""Does more risk ever make a referral less urgent: `not_monotone`.

Whatever makes the first referral of a pair urgent, be it a band or a limit that a rule gives or the safety net's, must be met at
the second, which is riskier in one fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fingerpost_rules.combining import Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.facts import Fact
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.prover import Prover, unproved
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking
from fingerpost_rules.proofs.regions import grown, in_words, plainest
from fingerpost_rules.proofs.search import NotProved, find
from fingerpost_rules.proofs.space import Region
from fingerpost_rules.proofs.steps import Step, steps_of


def not_monotone(prover: Prover, *, may_be_unrouted: bool) -> Iterator[Finding]:
    """For each `risk: up` fact that makes some referral less urgent, one such pair."""
    for place, fact in enumerate(prover.rule_set.facts.facts):
        if fact.risk_up:
            try:
                found = _first_pair(prover, place, may_be_unrouted=may_be_unrouted)
            except NotProved:
                found = unproved((), f"whether more of '{fact.label}' can make a referral less urgent")
            if found is not None:
                yield found


def _first_pair(prover: Prover, place: int, *, may_be_unrouted: bool) -> Finding | None:
    second = prover.ask.at(prover.space.size)
    for step in steps_of(prover.space, place):
        for question in _Losses(prover.ask, second, step, may_be_unrouted).questions():
            asked = question & step.lowest
            point = find(step.pairs, asked, prover.effort)
            if point is not None:
                return _finding(prover, step, asked, point)
    return None


@dataclass(frozen=True)
class _Losses:
    """The ways in which the second referral of a step is less urgent than the first."""

    first: Asking
    second: Asking
    step: Step
    may_be_unrouted: bool

    @cached_property
    def _losing_rules(self) -> int:
        """The rules that may fire at the first and not at the second."""
        return self.first.boxes.rules_holding(self.step.losing)

    def questions(self) -> Iterator[Question]:
        yield from self._of_bands()
        for hours, rules in self.first.combiner.hours:
            if rules & self._losing_rules:
                yield from self._of_limits(rules, *self.second.hours_met(hours))
        for days, rules in self.first.combiner.working_days:
            if rules & self._losing_rules:
                yield from self._of_limits(rules, *self.second.days_met(days))
        yield from self._of_own_hours()

    def _of_bands(self) -> Iterator[Question]:
        for urgency, (_, rules) in enumerate(self.first.combiner.bands):
            for lost in self._lost(rules):
                yield lost & self.second.band_after(urgency)
        if self.may_be_unrouted:
            yield self.first.unrouted() & self.second.band_after(self.first.unrouted_urgency)

    def _of_limits(self, rules: int, meeting: int, meeting_bands: set[int]) -> Iterator[Question]:
        for lost in self._lost(rules):
            for decided in self.second.band_not_of(meeting_bands):
                yield lost & self.second.none_fires(meeting) & decided

    def _of_own_hours(self) -> Iterator[Question]:
        """A band's own hours, where a more urgent band has its limit in working days: the hours are then met by nothing."""
        bands = list(self.first.rule_set.bands.values())
        for urgency, limit in enumerate(bands):
            if limit.unit == "h" and any(earlier.unit == "d" for earlier in bands[:urgency]):
                meeting, meeting_bands = self.second.hours_met(limit.amount)
                for before in self.first.band_is(urgency):
                    for decided in self.second.band_not_of(meeting_bands):
                        yield before & self.second.none_fires(meeting) & decided

    def _lost(self, rules: int) -> Iterator[Question]:
        """One of the rules fires at the first by a box that does not hold at the second, if there is any such box."""
        losing = self.first.boxes.of_rules(rules & self._losing_rules) & self.step.losing
        if losing:
            yield Question(require=(losing,))


def _finding(prover: Prover, step: Step, question: Question, point: Region) -> Finding:
    pairs = step.pairs
    fixed = frozenset({pairs.place})
    plain = plainest(pairs, question, point, fixed)
    fact = prover.rule_set.facts.facts[pairs.place]
    holding = -1
    for memory, state in zip(pairs.memories, plain, strict=True):
        holding &= memory[state].may
    fired = [prover.space.boxes.rules_holding(holding >> row * pairs.size & (1 << pairs.size) - 1) for row in (0, 1)]
    before, after = pairs.pair(plain)
    message = (
        f"More risk makes this less urgent: with {fact.label} {_shown(fact, before)} it is {_urgency(prover.combiner.decision(fired[0]))}, "
        f"with {_shown(fact, after)} it is {_urgency(prover.combiner.decision(fired[1]))}. Let the riskier be as urgent."
    )
    where = in_words(pairs, grown(pairs, question, plain, fixed))
    return Finding("not_monotone", prover.ids(bits_of(fired[0] & ~fired[1])), where, message, (before, after))


def _shown(fact: Fact, referral: dict[str, str | int | frozenset[str]]) -> str:
    value = referral[fact.name]
    return (" and ".join(sorted(value)) or "none") if isinstance(value, frozenset) else str(value)


def _urgency(decision: Decision) -> str:
    times = [(decision.limits.hours, "hours"), (decision.limits.working_days, "working days")]
    return f"{decision.band}, within {' and '.join(f'{amount} {unit}' for amount, unit in times if amount is not None)}"
