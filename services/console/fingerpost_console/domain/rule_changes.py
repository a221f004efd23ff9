"""Where a rule set decides otherwise than the one in force, gathered so that it can be read: what becomes less urgent comes first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fingerpost_console.domain.names import Names, in_words
from fingerpost_rules import Decision
from fingerpost_rules.difference import Difference, Kind

CHANGE_WORDS: dict[Kind, str] = {"less_urgent": "Less urgent", "elsewhere": "Sent elsewhere", "more_urgent": "More urgent"}


@dataclass(frozen=True)
class Part:
    """One part of the outcome, as it is now and as it would be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One way in which outcomes differ, and for what: each value with the words for where."""

    kind: Kind
    parts: tuple[Part, ...]
    cases: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Comparison:
    """All ways in which two sets differ over every possible referral; or why that cannot be told."""

    differences: tuple[Difference, ...] = ()
    lacking: str | None = None


def changes(differences: Iterable[Difference], names: Names) -> list[Change]:
    """The differences, those that come to the same put together."""
    cases: dict[tuple[Kind, tuple[Part, ...]], list[tuple[str, str]]] = {}
    for difference in differences:
        key = difference.change, _parts(difference.old, difference.new, names)
        cases.setdefault(key, []).append((in_words(difference.value), difference.where))
    found = [Change(kind, parts, tuple(where)) for (kind, parts), where in cases.items()]
    return sorted(found, key=lambda change: list(CHANGE_WORDS).index(change.kind))


def _parts(old: Decision, new: Decision, names: Names) -> tuple[Part, ...]:
    def listed(ids: Iterable[str], name: Callable[[str], str]) -> str:
        return ", ".join(map(name, ids)) or "nobody"

    def said(decision: Decision) -> dict[str, str]:
        return {
            "Leads": names.destination(decision.lead),
            "Band": decision.band,
            "Within": f"{decision.within_hours} hours",
            "Must own a part": listed(decision.also, names.destination),
            "Has a copy": listed(decision.copy, names.destination),
            "Alerted": listed(decision.alert, names.agency),
            "Themes": ", ".join(map(in_words, decision.tag)) or "none",
            "Referrer is told": "what becomes of it" if decision.feedback == "full" else "that it was received",
        }

    before, after = said(old), said(new)
    return tuple(Part(label, before[label], after[label]) for label in before if before[label] != after[label])
