"""Looks at past decisions: what a new rule set would have done with them, and whether each replays to itself (I10)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic_core import from_json, to_json

from fingerpost_rules import Decision, Limits, RuleSet
from fingerpost_shared.contracts.effects import MOST_MOVES_SHOWN, Move, RuleSetEffect, Shift, Workload

_OUTCOME = ("lead", "band", "limits", "also", "copy", "alert", "tag", "feedback", "unrouted", "impossible")
FIGURES = frozenset({"decided", "moves", "less_urgent"})


@dataclass(frozen=True)
class PastDecision:
    """A decision as it was kept: the facts as they were, and what came of them."""

    reference: str
    facts: Mapping[str, Any]
    outcome: Mapping[str, Any]
    ruleset_hash: str


@dataclass(frozen=True)
class Moved:
    """A past referral that a new rule set would have decided otherwise."""

    reference: str
    old_lead: str
    old_band: str
    new_lead: str
    new_band: str
    is_less_urgent: bool


@dataclass
class Effect:
    """What a new rule set would have changed: which referrals, from where to where, and each destination's workload.

    `strange` counts for each fact the referrals of which the set would not have been able to read it.
    """

    decided: int = 0
    moves: list[Moved] = field(default_factory=list[Moved])
    leads: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    bands: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    workload_before: Counter[str] = field(default_factory=Counter[str])
    workload_after: Counter[str] = field(default_factory=Counter[str])
    strange: Counter[str] = field(default_factory=Counter[str])

    @property
    def summary(self) -> dict[str, int]:
        """The `FIGURES`, which are kept with the rule set."""
        less = sum(move.is_less_urgent for move in self.moves)
        return {"decided": self.decided, "moves": len(self.moves), "less_urgent": less}


def effect_of(new: RuleSet, past: Iterable[PastDecision]) -> Effect:
    """What `new` would have decided on past facts, their counts frozen. Those that become less urgent come first."""
    effect = Effect()
    for one in past:
        decision, strange = new.decide_anyway(one.facts)
        effect.strange.update(strange)
        effect.decided += 1
        effect.workload_before.update(_owners(one.outcome["lead"], one.outcome["also"], new if one.outcome["impossible"] else None))
        effect.workload_after.update(_owners(decision.lead, decision.also, new if decision.impossible else None))
        if differs(one.outcome, decision, _OUTCOME):
            effect.moves.append(_moved(one, decision))
            effect.leads[one.outcome["lead"], decision.lead] += one.outcome["lead"] != decision.lead
            effect.bands[one.outcome["band"], decision.band] += one.outcome["band"] != decision.band
    effect.moves.sort(key=lambda move: (not move.is_less_urgent, move.reference))
    return effect


def differs(outcome: Mapping[str, Any], decision: Decision, parts: Iterable[str]) -> bool:
    """Whether a decision has any of these parts otherwise than one that was kept."""
    return any(_as_kept(getattr(decision, part)) != outcome[part] for part in parts)


def shown_effect(effect: Effect) -> RuleSetEffect:
    """An effect as it is kept with the rule set, for who is to approve it."""
    destinations = sorted({*effect.workload_before, *effect.workload_after})
    return RuleSetEffect(
        workload=tuple(
            Workload(destination=name, before=effect.workload_before[name], after=effect.workload_after[name]) for name in destinations
        ),
        leads=_shifts(effect.leads),
        bands=_shifts(effect.bands),
        shown=tuple(Move(**asdict(move)) for move in effect.moves[:MOST_MOVES_SHOWN]),
    )


def misreplayed(past: Iterable[PastDecision], rules_of: Callable[[str], RuleSet]) -> list[tuple[str, tuple[str, ...]]]:
    """The decisions that their own rule set would not make again on their own facts, with the fields that differ: there must be none."""
    faults: list[tuple[str, tuple[str, ...]]] = []
    for one in past:
        again = from_json(to_json(rules_of(one.ruleset_hash).decide_anyway(one.facts)[0]))
        if again != one.outcome:
            faults.append((one.reference, tuple(sorted(name for name in again if again[name] != one.outcome.get(name)))))
    return faults


def _owners(lead: str, also: Iterable[str], puzzled: RuleSet | None) -> set[str]:
    """Who has to own a part: the duty desk too, where somebody has to ask what is true."""
    return {lead, *also, *((puzzled.unrouted_lead,) if puzzled else ())}


def _shifts(counted: Counter[tuple[str, str]]) -> tuple[Shift, ...]:
    return tuple(Shift(old=old, new=new, count=count) for (old, new), count in counted.most_common() if count)


def _as_kept(value: object) -> object:
    """A part of a decision as JSON has it."""
    if isinstance(value, Limits):
        return asdict(value)
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _moved(one: PastDecision, decision: Decision) -> Moved:
    old_band = one.outcome["band"]
    is_less = decision.band > old_band or not decision.limits.meet(Limits(**one.outcome["limits"]))
    return Moved(one.reference, one.outcome["lead"], old_band, decision.lead, decision.band, is_less)
