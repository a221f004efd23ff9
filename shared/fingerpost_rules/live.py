"""Which rule set decides a version of a referral: the one that was live when that version was received, whatever the clock says now."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from fingerpost_rules.errors import Unreadable
from fingerpost_rules.names import Names
from fingerpost_rules.reading_facts import read_facts
from fingerpost_rules.reading_rules import read_rule_set
from fingerpost_rules.rule_set import RuleSet


class Begins(Protocol):
    """A publication: it decides from a time on."""

    @property
    def live_from(self) -> datetime:
        """The time from which on it decides what is received."""
        ...


P = TypeVar("P", bound=Begins)


@dataclass(frozen=True)
class Live:
    """A rule set and the time from which it decides."""

    live_from: datetime
    rules: RuleSet


def in_force(publications: Sequence[P], at: datetime) -> P:
    """The publication that decides what is received at a time: the last that has begun, and the first for whatever came before it too.

    They are given in the order in which they were published; there is at least one.
    """
    return next((one for one in reversed(publications) if one.live_from <= at), publications[0])


def withdrawn(publications: Sequence[P]) -> list[P]:
    """The publications that never decide anything: one made after them begins no later."""
    return [one for place, one in enumerate(publications) if any(later.live_from <= one.live_from for later in publications[place + 1 :])]


def read_rule_set_text(rules_text: str, facts_text: str, names: Names | None) -> RuleSet:
    """A rule set and its facts from their text. Raises `Unreadable`, which names the files rules.yaml and facts.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        facts_file, rules_file = Path(folder, "facts.yaml"), Path(folder, "rules.yaml")
        facts_file.write_text(facts_text, encoding="utf-8")
        rules_file.write_text(rules_text, encoding="utf-8")
        try:
            return read_rule_set(rules_file, read_facts(facts_file), names)
        except Unreadable as error:
            raise Unreadable(tuple(replace(one, file=Path(one.file).name) for one in error.errors)) from None
