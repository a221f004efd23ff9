"""Does more risk ever make a referral less urgent: `not_monotone`.

Whatever makes the first referral of a pair urgent, be it a band or a limit that a rule gives or the safety net's, must be met at
the second, which is riskier in one fact.
"""

from collections.abc import Iterator

from fingerpost_rules.combining import Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.losses import Losses
from fingerpost_rules.proofs.prover import Prover, unproved
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.regions import grown, in_words, plainest
from fingerpost_rules.proofs.search import NotProved, find
from fingerpost_rules.proofs.space import Region
from fingerpost_rules.proofs.steps import Step, steps_of
from fingerpost_rules.wording import value_in_words


def not_monotone(prover: Prover, *, may_be_unrouted: bool) -> Iterator[Finding]:
    """For each `risk: up` fact that makes some referral less urgent, one such pair."""
    for place, fact in enumerate(prover.rule_set.facts.facts):
        if fact.risk_up:
            try:
                found = _first_pair(prover, place, may_be_unrouted=may_be_unrouted)
            except NotProved:
                found = unproved((), f"that more of '{fact.label}' makes no referral less urgent.")
            if found is not None:
                yield found


def _first_pair(prover: Prover, place: int, *, may_be_unrouted: bool) -> Finding | None:
    second = prover.ask.at(prover.space.size)
    for step in steps_of(prover.space, place):
        for question in Losses(prover.ask, second, step.losing, may_be_unrouted).questions():
            asked = question & step.lowest
            point = find(step.pairs, asked, prover.effort)
            if point is not None:
                return _finding(prover, step, asked, point)
    return None


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
    old, new = (_urgency(prover.combiner.decision(rules)) for rules in fired)
    values = [value_in_words(referral[fact.name]) for referral in (before, after)]
    message = (
        f"More risk makes this less urgent: with {fact.label} {values[0]} it is {old}, with {values[1]} it is {new}. "
        "Let the riskier be as urgent."
    )
    where = in_words(pairs, grown(pairs, question, plain, fixed))
    return Finding("not_monotone", prover.ids(bits_of(fired[0] & ~fired[1])), where, message, (before, after))


def _urgency(decision: Decision) -> str:
    times = [(decision.limits.hours, "hours"), (decision.limits.working_days, "working days")]
    return f"{decision.band}, within {' and '.join(f'{amount} {unit}' for amount, unit in times if amount is not None)}"
