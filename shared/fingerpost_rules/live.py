"""Which rule set decides a referral: the one that was live when the referral was received, whatever the clock says now."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fingerpost_rules.names import Names
from fingerpost_rules.reading_facts import read_facts
from fingerpost_rules.reading_rules import read_rule_set
from fingerpost_rules.rule_set import RuleSet


@dataclass(frozen=True)
class Live:
    """A rule set and the time from which it decides. Of two that begin at one time, the later in the sequence decides."""

    live_from: datetime
    rules: RuleSet


@dataclass(frozen=True)
class LiveSets:
    """Every publication, by time; there is at least one, and the first decides whatever came before it too."""

    sets: Sequence[Live]

    def at(self, received_at: datetime) -> RuleSet:
        """The rule set by which a referral received then is decided."""
        begun = [live.rules for live in self.sets if live.live_from <= received_at]
        return begun[-1] if begun else self.sets[0].rules


def read_rule_set_text(rules_text: str, facts_text: str, names: Names | None) -> RuleSet:
    """A rule set and its facts from their text. Raises `Unreadable`, which names the files rules.yaml and facts.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        facts_file, rules_file = Path(folder, "facts.yaml"), Path(folder, "rules.yaml")
        facts_file.write_text(facts_text, encoding="utf-8")
        rules_file.write_text(rules_text, encoding="utf-8")
        return read_rule_set(rules_file, read_facts(facts_file), names)
