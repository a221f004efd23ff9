"""A rule set as values: what coordinators wrote, read and found sound, and nothing of how it is decided by."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from fingerpost_rules.cells import Cell
from fingerpost_rules.combining import Combiner, Decision
from fingerpost_rules.conditions import Condition
from fingerpost_rules.deciding import Decider
from fingerpost_rules.errors import InvalidFacts
from fingerpost_rules.facts import Facts, FactValue
from fingerpost_rules.lanes import Lane, Lanes
from fingerpost_rules.names import Names
from fingerpost_rules.outputs import Outputs
from fingerpost_rules.rows import Limit, Rule, Sentence
from fingerpost_rules.unknowns import read_again, with_unknowns


@dataclass(frozen=True, eq=False)
class RuleSet:
    """A rule set that was read without error. Two are equal in meaning and wording when their hashes are."""

    file: str
    version: int
    title: str
    facts: Facts
    names: Names | None
    effective_from: date
    bands: Mapping[str, Limit]
    lead_order: tuple[str, ...]
    unrouted_lead: str
    unrouted_band: str
    tags: tuple[str, ...]
    rules: tuple[Rule, ...]
    must_hold: tuple[Sentence, ...]

    @cached_property
    def urgency_of(self) -> Mapping[str, int]:
        """Each band's place, 0 the most urgent."""
        return {band: place for place, band in enumerate(self.bands)}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content: the same for another layout of the file, another for any change of word or meaning."""
        canonical = json.dumps(_content(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def _decider(self) -> Decider:
        return Decider(self)

    @property
    def combiner(self) -> Combiner:
        """What combines fired rules."""
        return self._decider.combiner

    @cached_property
    def outputs(self) -> Outputs:
        """Which rules give what."""
        return Outputs(self)

    @cached_property
    def _lanes(self) -> Lanes:
        return Lanes(self)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id. Raises KeyError."""
        return self._by_id[rule_id]

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def decide(self, facts: Mapping[str, FactValue]) -> Decision:
        """What the rules say of one referral. Raises `InvalidFacts` when its facts are not values of the facts file.

        A fact that is missing and may be unknown is unknown; an impossible combination is decided and marked.
        """
        return self._decider.decide(facts)

    def decide_anyway(self, facts: Mapping[str, FactValue]) -> tuple[Decision, tuple[str, ...]]:
        """What the rules say of one referral whatever its facts, and the names of those that its rules cannot read; mostly there are none.

        For facts that were made by another facts file. What this one does not know of them is unknown, as in `Facts.known_of`, and the
        decision is marked as one on an impossible combination.
        """
        try:
            return self.decide(facts), ()
        except InvalidFacts:
            known, strange = self.facts.known_of(facts)
            return replace(self.with_unknowns.decide(known), impossible=True), strange

    @cached_property
    def with_unknowns(self) -> "RuleSet":
        """The same rules over the same facts, each of which may be unknown too: `not` and `neither` hold of that, as everywhere."""
        facts = with_unknowns(self.facts)
        return replace(self, facts=facts, rules=tuple(read_again(rule, facts) for rule in self.rules), must_hold=())

    def lane(self, facts: Mapping[str, FactValue]) -> Lane:
        """`urgent` when the facts, with the counted ones at their riskiest, give the most urgent band.

        Counted facts need not be given. In a monotone rule set nothing that the router finds most urgent is `routine`.
        """
        return self._lanes.lane(facts)


def _content(rule_set: RuleSet) -> dict[str, Any]:
    names = rule_set.facts.names
    return {
        "ruleset": rule_set.version,
        "title": rule_set.title,
        "facts_version": rule_set.facts.version,
        "effective_from": rule_set.effective_from.isoformat(),
        "bands": [[band, str(limit)] for band, limit in rule_set.bands.items()],
        "lead_order": rule_set.lead_order,
        "unrouted": [rule_set.unrouted_lead, rule_set.unrouted_band],
        "tags": rule_set.tags,
        "rules": [
            [rule.id, rule.title, _of_condition(rule.condition, names), asdict(rule.then), rule.overrides, rule.because]
            for rule in rule_set.rules
        ],
        "must_hold": [[sentence.id, _of_condition(sentence.condition, names), sentence.claims] for sentence in rule_set.must_hold],
    }


def _of_condition(condition: Condition, names: tuple[str, ...]) -> list[Any]:
    def cells(box: Mapping[int, Cell]) -> dict[str, str]:
        return {names[place]: cell.text for place, cell in box.items()}

    return [cells(condition.always), [cells(box) for box in condition.alternatives]]
