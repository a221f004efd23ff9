"""Why a referral came where it is: each rule that applied, what it gave, and what became of that beside the other rules."""

from collections.abc import Iterator
from dataclasses import dataclass

from fingerpost_console.domain.facts import gave_in_words
from fingerpost_console.domain.names import Names
from fingerpost_shared.contracts.queries.router import DecisionView, FiredRule


@dataclass(frozen=True)
class Applied:
    """A rule that applied; `gave` ends with a remark where its lead does not lead."""

    id: str
    title: str
    because: str
    gave: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """The rules that applied, and a sentence about their bands where they gave different ones."""

    rules: tuple[Applied, ...]
    of_the_bands: str | None


def why(decision: DecisionView, names: Names) -> Why:
    """A decision's reasons in words."""
    bands = {band for rule in decision.fired for band in _given(rule, "band")}
    return Why(
        tuple(Applied(rule.id, rule.title, rule.because, tuple(_gave(rule, decision, names))) for rule in decision.fired),
        f"The most urgent band counts: {decision.band}." if len(bands) > 1 else None,
    )


def _gave(rule: FiredRule, decision: DecisionView, names: Names) -> Iterator[str]:
    for gave in rule.gave:
        yield gave_in_words(gave, names)
    if rule.id in decision.overridden:
        yield "Another rule decided who leads instead"
    elif decision.lead:
        for other in _given(rule, "lead"):
            if other != decision.lead:
                yield f"{names.destination(decision.lead)} leads instead; {names.destination(other)} owns a part"


def _given(rule: FiredRule, part: str) -> list[str]:
    return [gave.removeprefix(f"{part}: ") for gave in rule.gave if gave.startswith(f"{part}: ")]
