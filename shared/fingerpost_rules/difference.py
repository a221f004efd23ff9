"""Where a new rule set decides otherwise than the old one: over all possible referrals, kind by kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fingerpost_rules.cells import Box, Members, Values
from fingerpost_rules.combining import Decision
from fingerpost_rules.facts import Fact, SetFact
from fingerpost_rules.proofs.findings import facts_as_json
from fingerpost_rules.proofs.losses import Losses
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking
from fingerpost_rules.proofs.regions import grown, in_words, plainest
from fingerpost_rules.proofs.search import Effort, find
from fingerpost_rules.proofs.sentences import another_leads, does_not_own, gets_no_copy, is_not_alerted, leads, owns
from fingerpost_rules.proofs.space import FactsOfPoint, Space, joined, space_of
from fingerpost_rules.rule_set import RuleSet

Kind = Literal["more_urgent", "less_urgent", "elsewhere"]

_PER = "kinds"


@dataclass(frozen=True)
class Difference:
    """One way in which the new set differs for one kind, with a referral that shows it."""

    per: str
    value: str
    change: Kind
    where: str
    example: FactsOfPoint
    old: Decision
    new: Decision

    def as_json(self) -> dict[str, Any]:
        """The difference as `rules diff --json` writes it."""
        decisions = {"old": self.old.as_json(), "new": self.new.as_json()}
        return {
            "per": self.per,
            "value": self.value,
            "change": self.change,
            "where": self.where,
            "example": facts_as_json(self.example),
            **decisions,
        }


def differences(old: RuleSet, new: RuleSet) -> Iterator[Difference]:
    """For each kind, at most one way in which the new set is more urgent, less urgent, or sends elsewhere.

    Both sets are of the same facts. Without a fact called `kinds`, the first set or choice takes its place. Raises
    `NotProved` when a search stops at its limit.
    """
    pair = _Pair(old, new)
    for change, questions in pair.questions():
        answerable = [question for question in questions if pair.find(question) is not None]
        for value, asked in pair.values():
            for question in answerable:
                found = pair.shown(question & asked, value, change)
                if found is not None:
                    yield found
                    break


class _Pair:
    """Two rule sets in one space: the boxes of the old, then those of the new, then one for each value of the fact they part by."""

    def __init__(self, old: RuleSet, new: RuleSet) -> None:
        self._old, self._new = old, new
        self._per, values = _parted_by(old)
        self._names_of_values = [name for name, _ in values]
        boxes_of_old, boxes_of_new, self._first_value = joined(old, new, [box for _, box in values])
        self._space: Space = space_of(old, boxes_of_old)
        self._before = Asking(old, boxes_of_old)
        self._after = Asking(new, boxes_of_new)
        self._effort = Effort()

    def questions(self) -> Iterator[tuple[Kind, list[Question]]]:
        """What to ask for each change."""
        yield "more_urgent", list(Losses(self._after, self._before, -1, may_be_unrouted=True).questions())
        yield "less_urgent", list(Losses(self._before, self._after, -1, may_be_unrouted=True).questions())
        yield "elsewhere", [*_lost_places(self._before, self._after), *_lost_places(self._after, self._before)]

    def values(self) -> Iterator[tuple[str, Question]]:
        """Each value of the fact that the sets are parted by, and what asks for it."""
        for place, name in enumerate(self._names_of_values, start=self._first_value):
            yield name, Question(require=(1 << place,))

    def find(self, question: Question) -> FactsOfPoint | None:
        """A referral that answers."""
        point = find(self._space, question, self._effort)
        return None if point is None else self._space.referral(point)

    def shown(self, question: Question, value: str, change: Kind) -> Difference | None:
        """The difference that a question asks for, if there is any."""
        point = find(self._space, question, self._effort)
        if point is None:
            return None
        plain = plainest(self._space, question, point)
        where = in_words(self._space, grown(self._space, question, plain))
        example = self._space.referral(plain)
        return Difference(self._per, value, change, where, example, self._old.decide(example), self._new.decide(example))


def _lost_places(first: Asking, second: Asking) -> Iterator[Question]:
    """Someone leads, owns a part, gets a copy or is alerted by the first set, and not by the second."""
    for name in _destinations(first):
        yield from _both(leads(first, name), another_leads(second, name))
        yield from _both(owns(first, name), does_not_own(second, name))
        copied = first.one_fires(first.outputs.copy_of.get(name, 0))
        for kept in does_not_own(first, name):
            yield from _both([copied & kept], gets_no_copy(second, name))
    for name, rules in first.outputs.alert_of.items():
        yield from _both([first.one_fires(rules)], is_not_alerted(second, name))


def _both(ones: Iterable[Question], others: Iterable[Question]) -> Iterator[Question]:
    listed = list(others)
    return (one & other for one in ones for other in listed)


def _destinations(asking: Asking) -> list[str]:
    outputs = asking.outputs
    return sorted({*outputs.lead_of, *outputs.also_of, *outputs.copy_of, asking.rule_set.unrouted_lead})


def _parted_by(rule_set: RuleSet) -> tuple[str, list[tuple[str, Box]]]:
    facts = rule_set.facts
    first = next((fact for fact in facts.facts if isinstance(fact, SetFact) or fact.kind == "choice"), facts.facts[0])
    fact: Fact = facts.fact(_PER) if _PER in facts.place_of else first
    place = facts.place_of[fact.name]
    if isinstance(fact, SetFact):
        return fact.name, [(member, {place: Members(every=bit)}) for member, bit in fact.bit_of.items()]
    return fact.name, [(str(value), {place: Values(1 << at)}) for at, value in enumerate(fact.domain)]
