"""A decision's facts, sorted by what they tell; and what each rule gave, in words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from fingerpost_console.domain.local_time import plural
from fingerpost_console.domain.names import Names, in_words, value_in_words
from fingerpost_rules import RuleSet
from fingerpost_shared.contracts.events import FactValue
from fingerpost_shared.contracts.queries.router import DecisionView

_TOLD = {"received": "The referrer is told only that it was received", "full": "The referrer is told what becomes of it"}
_RULED_OUT = frozenset({"no", "none", "not_applied", 0, ()})


@dataclass(frozen=True)
class FactSheet:
    """Facts as label and value, in words. What is unknown is kept apart from what is not so: missing is not zero, and not no.

    `decisive` are the unknown ones because of which a rule fired, `unknown` the others.
    """

    telling: tuple[tuple[str, str], ...]
    ruled_out: tuple[tuple[str, str], ...]
    decisive: tuple[str, ...]
    unknown: tuple[str, ...]


def fact_sheet(facts: Mapping[str, FactValue], names: Names, may_be_unknown: Sequence[str], decisive: Collection[str] = ()) -> FactSheet:
    """Sort the facts of a decision, each group in the order they are given. One that may be unknown and is not given is unknown."""
    unknown = [id for id in may_be_unknown if id not in facts]
    return FactSheet(
        telling=tuple((names.fact(id), value_in_words(value)) for id, value in facts.items() if value not in _RULED_OUT),
        ruled_out=tuple((names.fact(id), value_in_words(value)) for id, value in facts.items() if value in _RULED_OUT),
        decisive=tuple(names.fact(id) for id in unknown if id in decisive),
        unknown=tuple(names.fact(id) for id in unknown if id not in decisive),
    )


def decisive_unknowns(rule_set: RuleSet, decision: DecisionView) -> frozenset[str]:
    """The unknown facts that a rule which fired asks about, by the rule set that decided: known, they might have kept it from firing."""
    known, _ = rule_set.facts.known_of(decision.facts)
    rules, facts = rule_set.with_unknowns, rule_set.with_unknowns.facts  # for what another facts file knew is unknown to this one
    boxes = [box for fired in decision.fired for box in rules.rule(fired.id).condition.boxes if facts.inside(box, known)]
    return frozenset(facts.names[place] for box in boxes for place in box) - decision.facts.keys()


def gave_in_words(gave: str, names: Names) -> str:
    """What a rule gave: `lead: matac` as `MATAC leads`."""
    key, found, value = gave.partition(": ")
    ids = [id.strip(" []") for id in value.split(",")]
    match key if found else None:
        case "lead":
            return f"{_listed(ids, names.destination)} leads"
        case "also":
            return f"{_listed(ids, names.destination)} must own a part"
        case "copy":
            return f"Copy to {_listed(ids, names.destination)}"
        case "alert":
            return f"Alert to {_listed(ids, names.agency)}"
        case "band":
            return f"Band {value}"
        case "within":
            return f"Within {limit_in_words(value)}"
        case "tag":
            return f"Theme: {_listed(ids, in_words)}"
        case "feedback":
            return _TOLD.get(value, gave)
        case _:
            return gave


def limit_in_words(limit: str) -> str:
    """`24h` as `24 hours`, `1d` as `1 working day`."""
    amount, unit = limit[:-1], {"h": "hour", "d": "working day"}.get(limit[-1:])
    return plural(int(amount), unit) if unit and amount.isdecimal() else limit


def _listed(ids: Sequence[str], name: Callable[[str], str]) -> str:
    named = [name(id) for id in ids]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
