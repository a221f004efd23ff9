"""Is every referral led, by one, and does every rule come to fire: gap, conflict, unreachable, unowned."""

from collections.abc import Iterator

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.prover import Prover, unproved
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.search import NotProved
from fingerpost_rules.proofs.space import Region


def gap(prover: Prover) -> Finding | None:
    """A possible referral that gets no lead."""
    message = f"No rule names a lead here, so {prover.rule_set.unrouted_lead} would get it unrouted. Write a rule for it."
    return prover.shown([prover.ask.unrouted()], "gap", (), message)


def conflicts(prover: Prover) -> Iterator[Finding]:
    """Every pair of rules that both keep their lead somewhere, where nothing says which comes first."""
    for first, second in _pairs_that_meet(prover):
        question = prover.ask.stands(first) & prover.ask.stands(second)
        one, other = prover.rule_set.rules[first], prover.rule_set.rules[second]
        message = (
            f"{one.id} gives this to {one.then.lead} and {other.id} to {other.then.lead}. "
            "Let one override the other, or name both leads in lead_order."
        )
        found = prover.shown([question], "conflict", (one.id, other.id), message)
        if found is not None:
            yield found


def _pairs_that_meet(prover: Prover) -> Iterator[tuple[int, int]]:
    """Pairs with different leads, not both in lead_order, of which some boxes overlap as far as single facts tell."""
    rules, order = prover.rule_set.rules, set(prover.rule_set.lead_order)
    ordered = sum(1 << rule for rule in bits_of(prover.ask.outputs.leads) if rules[rule].then.lead in order)
    for rule in bits_of(prover.ask.outputs.leads):
        lead = rules[rule].then.lead or ""
        others = prover.ask.outputs.leads & ~prover.ask.leading(lead) & -(2 << rule)
        if lead in order:
            others &= ~ordered
        if others:
            for other in bits_of(others & _meeting(prover, rule)):
                yield rule, other


def _meeting(prover: Prover, rule: int) -> int:
    """The rules of which some box may overlap one of this rule's."""
    space = prover.space
    meeting = 0
    for box in bits_of(space.boxes.of_rule[rule]):
        region = space.narrowed(space.start, box)
        if region is not None:
            may = -1
            for memory, state in zip(space.memories, region, strict=True):
                may &= memory[state].may
            meeting |= space.boxes.rules_holding(may)
    return meeting


class Reach:
    """Where each rule fires: one point for every box that has one."""

    def __init__(self, prover: Prover) -> None:
        self.points: dict[int, Region] = {}
        self.findings: list[Finding] = []
        for rule, boxes in enumerate(prover.space.boxes.of_rule):
            self._explore(prover, rule, list(bits_of(boxes)))

    def _explore(self, prover: Prover, rule: int, boxes: list[int]) -> None:
        empty: list[int] = []
        rule_id = prover.rule_set.rules[rule].id
        for number, box in enumerate(boxes, start=1):
            try:
                point = prover.point(Question(require=(1 << box,)))
            except NotProved:
                self.findings.append(unproved((rule_id,), f"that {rule_id} can fire."))
                continue
            if point is None:
                empty.append(number)
            else:
                self.points[box] = point
        if len(empty) == len(boxes):
            message = f"{rule_id} can never fire: no possible referral meets all of its conditions. Mend them or take it out."
            self.findings.append(Finding("unreachable", (rule_id,), "nowhere", message))
            return
        for number in empty:
            message = f"Alternative {number} of {rule_id} can never hold together with the rest of its conditions. Mend it or take it out."
            self.findings.append(Finding("unreachable", (rule_id,), "nowhere", message, alternative=number))


def unowned(prover: Prover) -> Finding | None:
    """A possible referral of the most urgent band that no casework destination owns."""
    names, ask = prover.rule_set.names, prover.ask
    if names is None:
        return None
    casework = {name for name, level in names.destinations.items() if level == "casework"}
    question = Question()
    for name in sorted(casework):
        question &= ask.none_fires(prover.ask.outputs.also_of.get(name, 0)) & ask.none_stands(ask.leading(name))
    if prover.rule_set.unrouted_lead in casework:
        question &= ask.routed()
    questions = [question & banded for banded in ask.band_is(0)]
    band = next(iter(prover.rule_set.bands))
    message = f"This is {band}, the most urgent, and nobody who works every day owns it. Add a casework destination as lead or under also."
    return prover.shown(questions, "unowned", (), message)
