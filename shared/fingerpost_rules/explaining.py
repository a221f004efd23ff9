"""Why a referral went where it went: what fired and gave what, what nearly fired, and what would have changed the outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from fingerpost_rules.cells import Cell, meets
from fingerpost_rules.changes import Change, Changes
from fingerpost_rules.combining import Decision
from fingerpost_rules.compiled import bits_of
from fingerpost_rules.facts import Fact, FactValue, ScalarFact, SetFact
from fingerpost_rules.proofs.axes import SetRange, State
from fingerpost_rules.proofs.space import Region, Space, space_of
from fingerpost_rules.rows import Rule
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.wording import value_in_words

CheckedFacts = dict[str, str | int | frozenset[str]]


@dataclass(frozen=True)
class Fired:
    """A rule that fired: its reason, and what it gave (without a lead that another rule overrode)."""

    id: str
    because: str
    gave: Mapping[str, str | list[str]]


@dataclass(frozen=True)
class NearMiss:
    """A rule that did not fire because of one fact alone."""

    rule: str
    fact: str
    value: str | int | frozenset[str]
    needs: str
    label: str
    is_of_a_set: bool

    def in_words(self) -> str:
        """The near miss as a sentence; what a set needs begins with a verb, such as `has fraud`."""
        value = value_in_words(self.value)
        what = f"{value}, and it needs: {self.needs}" if self.is_of_a_set else f"{value} is not {self.needs}"
        return f"{self.rule} did not apply: {self.label} {what}."

    def as_json(self) -> dict[str, Any]:
        value = sorted(self.value) if isinstance(self.value, frozenset) else self.value
        return {"rule": self.rule, "fact": self.fact, "is": value, "needs": self.needs}


@dataclass(frozen=True)
class Explanation:
    """All that can be said of one decision."""

    decision: Decision
    fired: tuple[Fired, ...]
    near_misses: tuple[NearMiss, ...]
    smallest_changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as `rules explain --json` writes it."""
        return {
            "decision": self.decision.as_json(),
            "fired": [asdict(fired) for fired in self.fired],
            "near_misses": [miss.as_json() for miss in self.near_misses],
            "smallest_changes": [change.as_json() for change in self.smallest_changes],
        }


def explain(rule_set: RuleSet, facts: Mapping[str, FactValue]) -> Explanation:
    """The whole explanation of one referral. Raises `InvalidFacts`."""
    checked = rule_set.facts.check(facts)
    decision = rule_set.decide(checked)
    ready = _ready(rule_set)
    point = _point_of(ready.space, checked)
    return Explanation(
        decision,
        explain_fired(rule_set, decision),
        tuple(dict.fromkeys(_near_misses(ready, point, checked))),
        ready.changes.smallest(point, decision),
    )


def explain_fired(rule_set: RuleSet, decision: Decision) -> tuple[Fired, ...]:
    """What each fired rule gave; quick enough to be kept with every decision."""
    return tuple(
        Fired(rule.id, rule.because, _gave(rule, is_overridden=rule.id in decision.overridden))
        for rule in map(rule_set.rule, decision.fired)
    )


def sentences(rule_set: RuleSet, explanation: Explanation) -> Iterator[str]:
    """The explanation as a person would say it."""
    yield f"{outcome_in_words(explanation.decision)}."
    yield from applied(explanation)
    for miss in explanation.near_misses:
        yield miss.in_words()
    for change in explanation.smallest_changes:
        facts = " and ".join(f"{rule_set.facts.fact(name).label} were {value_in_words(value)}" for name, value in change.set.items())
        yield f"If {facts}: {outcome_in_words(change.becomes)}."


def applied(explanation: Explanation) -> Iterator[str]:
    """A sentence for each rule that applied."""
    for fired in explanation.fired:
        given = ", ".join(f"{part} {' and '.join(what) if isinstance(what, list) else what}" for part, what in fired.gave.items())
        gives_way = "; its lead gives way to a rule that overrides it" if fired.id in explanation.decision.overridden else ""
        yield f"{fired.id} applied ({fired.because}). It gave {given or 'nothing more'}{gives_way}."


def outcome_in_words(decision: Decision) -> str:
    """The outcome in a few words."""
    parts = [f"{decision.lead} leads, {decision.band}, within {decision.within_hours} hours"]
    lists = (("also", decision.also), ("copy", decision.copy), ("alert", decision.alert), ("tag", decision.tag))
    parts += [f"{name} {' and '.join(names)}" for name, names in lists if names]
    parts += ["the referrer is told no more than received"] if decision.feedback == "received" else []
    parts += ["no rule names a lead"] if decision.unrouted else []
    parts += ["these facts cannot be"] if decision.impossible else []
    return "; ".join(parts)


def _point_of(space: Space, checked: CheckedFacts) -> Region:
    return tuple(_state(axis.fact, checked[axis.fact.name]) for axis in space.axes)


class _Ready:
    """A rule set made ready to be explained by."""

    def __init__(self, rule_set: RuleSet) -> None:
        self.space = space_of(rule_set)
        self.changes = Changes(rule_set, self.space)
        self.demands = [demands for rule in rule_set.rules for demands in _demands(rule)]


def _demands(rule: Rule) -> Iterator[tuple[Rule, Mapping[int, tuple[Cell, ...]]]]:
    """For each box of a rule, by the place of each fact, the cells that it has for it: two, where an alternative says more."""
    for number, box in enumerate(rule.condition.boxes):
        parts = (rule.condition.always, *rule.condition.alternatives[number : number + 1])
        yield rule, {place: tuple(part[place] for part in parts if place in part) for place in box}


@lru_cache(maxsize=16)
def _ready(rule_set: RuleSet) -> _Ready:
    return _Ready(rule_set)


def _state(fact: Fact, value: str | int | frozenset[str]) -> State:
    if isinstance(fact, ScalarFact):
        return 1 << fact.place_of[value] if not isinstance(value, frozenset) else 0
    if not isinstance(value, frozenset):
        return SetRange(0, 0, False, True)
    held = fact.mask(value)
    return SetRange(held, held, True, False)


def _gave(rule: Rule, *, is_overridden: bool) -> dict[str, str | list[str]]:
    then = rule.then
    given = {"lead": None if is_overridden else then.lead, "band": then.band, "within": then.within, "feedback": then.feedback}
    lists = {"also": then.also, "copy": then.copy, "alert": then.alert, "tag": then.tag}
    words = {part: str(what) for part, what in given.items() if what is not None}
    return {**words, **{part: list(names) for part, names in lists.items() if names}}


def _near_misses(ready: _Ready, point: Region, checked: CheckedFacts) -> Iterator[NearMiss]:
    space = ready.space
    failing_of = [~memory[state].may for memory, state in zip(space.memories, point, strict=True)]
    failing_one = failing_more = 0
    for failing in failing_of:
        failing_more |= failing_one & failing
        failing_one |= failing
    rule_boxes = (1 << len(ready.demands)) - 1
    fired = set(bits_of(space.boxes.rules_holding(~failing_one & rule_boxes)))
    by_one = failing_one & ~failing_more & rule_boxes
    missed = {box: place for place, failing in enumerate(failing_of) for box in bits_of(by_one & failing)}
    for box, place in sorted(missed.items()):
        if space.boxes.rule_of[box] not in fired:
            yield _near_miss(*ready.demands[box], place, space.axes[place].fact, checked)


def _near_miss(rule: Rule, cells: Mapping[int, tuple[Cell, ...]], place: int, fact: Fact, checked: CheckedFacts) -> NearMiss:
    unmet = [cell.text for cell in cells[place] if len(cells[place]) == 1 or not _is_met(cell, fact, checked)]
    return NearMiss(rule.id, fact.name, checked[fact.name], ", and ".join(unmet), fact.label, isinstance(fact, SetFact))


def _is_met(cell: Cell, fact: Fact, checked: CheckedFacts) -> bool:
    value = checked[fact.name]
    if isinstance(fact, ScalarFact):
        return not isinstance(value, frozenset) and meets(cell, 1 << fact.place_of[value])
    return meets(cell, fact.mask(value) if isinstance(value, frozenset) else None)


__all__ = ["Change", "Explanation", "Fired", "NearMiss", "applied", "explain", "explain_fired", "outcome_in_words", "sentences"]
