"""The rule set in force, and the files it came from, so that every decision can be replayed (I10)."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.tables import rule_sets
from fingerpost_rules import Facts, RuleSet, read_facts, read_names, read_rule_set


@dataclass(frozen=True)
class RuleBook:
    """The live rule set with its facts, and the text of both files."""

    facts: Facts
    rules: RuleSet
    facts_text: str
    rules_text: str

    def at(self, _received_at: datetime) -> RuleSet:
        """The rule set by which a referral received then is decided."""
        return self.rules


def read_rule_book(partnership_dir: Path) -> RuleBook:
    """Read a partnership's facts and rules. Raises `fingerpost_rules.Unreadable`."""
    facts_file, rules_file = partnership_dir / "facts.yaml", partnership_dir / "rules.yaml"
    facts = read_facts(facts_file)
    rules = read_rule_set(rules_file, facts, read_names(partnership_dir / "directory.yaml"))
    return RuleBook(facts, rules, facts_file.read_text(encoding="utf-8"), rules_file.read_text(encoding="utf-8"))


class RuleShelf:
    """Every rule set that ever decided something, by its hash: read back from the text that was kept."""

    def __init__(self, engine: AsyncEngine, live: RuleBook) -> None:
        self._engine = engine
        self._read = {live.rules.hash: live.rules}

    async def rules(self, ruleset_hash: str) -> RuleSet:
        """The rule set with this hash. Raises `LookupError` where none was kept."""
        if ruleset_hash not in self._read:
            async with self._engine.connect() as connection:
                row = (await connection.execute(select(rule_sets).where(rule_sets.c.hash == ruleset_hash))).first()
            if row is None:
                raise LookupError(f"no rule set {ruleset_hash[:12]} was kept")
            self._read[ruleset_hash] = _from_text(row.facts, row.rules)
        return self._read[ruleset_hash]


def _from_text(facts_text: str, rules_text: str) -> RuleSet:
    with tempfile.TemporaryDirectory() as folder:
        facts_file, rules_file = Path(folder, "facts.yaml"), Path(folder, "rules.yaml")
        facts_file.write_text(facts_text, encoding="utf-8")
        rules_file.write_text(rules_text, encoding="utf-8")
        return read_rule_set(rules_file, read_facts(facts_file), None)
