"""What all proofs about one rule set share: its space, its questions, and the effort they may take."""

from collections.abc import Iterable
from dataclasses import dataclass

from fingerpost_rules.combining import Combiner
from fingerpost_rules.proofs.findings import Finding, Kind
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking
from fingerpost_rules.proofs.regions import grown, in_words, plainest
from fingerpost_rules.proofs.search import Effort, NotProved, find
from fingerpost_rules.proofs.space import Region, Space, space_of
from fingerpost_rules.rule_set import RuleSet


@dataclass(frozen=True)
class Prover:
    """One rule set under proof."""

    rule_set: RuleSet
    combiner: Combiner
    space: Space
    ask: Asking
    effort: Effort

    @classmethod
    def of(cls, rule_set: RuleSet, effort: Effort | None = None) -> "Prover":
        space = space_of(rule_set)
        return cls(rule_set, rule_set.combiner, space, Asking(rule_set, space.boxes), effort or Effort())

    def point(self, question: Question) -> Region | None:
        """A referral that answers the question, if there is one. Raises `NotProved`."""
        return find(self.space, question, self.effort)

    def shown(self, questions: Iterable[Question], kind: Kind, rules: tuple[str, ...], message: str) -> Finding | None:
        """A finding, if a referral answers one of the questions: then the fault that they ask for is there."""
        for question in questions:
            try:
                point = self.point(question)
            except NotProved:
                return unproved(rules, f"that this is nowhere so: {message}")
            if point is not None:
                plain = plainest(self.space, question, point)
                where = in_words(self.space, grown(self.space, question, plain))
                return Finding(kind, rules, where, message, self.space.referral(plain))
        return None

    def fired_at(self, point: Region) -> int:
        """The rules that fire at a point, as a bitmap."""
        holding = -1
        for memory, state in zip(self.space.memories, point, strict=True):
            holding &= memory[state].may
        return self.space.boxes.rules_holding(holding)

    def ids(self, rules: Iterable[int]) -> tuple[str, ...]:
        """The ids of rules, by their places."""
        return tuple(self.rule_set.rules[rule].id for rule in rules)


def unproved(rules: tuple[str, ...], what: str) -> Finding:
    """The search stopped at its limit."""
    message = f"The search stopped at its limit. Make rules simpler, or let fewer of them overlap. Not proved is {what}"
    return Finding("not_proved", rules, "not known", message)
