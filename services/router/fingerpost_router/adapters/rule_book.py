"""The rule sets in force and all that ever decided something, read from the text that the router's book keeps (I10)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.tables import publications, rule_sets
from fingerpost_router.domain.rule_lifecycle import NOTICE
from fingerpost_rules import Names, RuleSet, read_facts, read_names, read_rule_set
from fingerpost_rules.live import Live, in_force, read_rule_set_text
from fingerpost_shared.runtime.database import insert
from fingerpost_shared.runtime.faults import TryLater

FOLDER = "partnership_folder"  # the author of the set that the first start finds
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_SILENCE_SECONDS = NOTICE.total_seconds() / 2


@dataclass(frozen=True)
class RuleSetText:
    """A rule set as its files say it, and as it was read."""

    rules: RuleSet
    rules_text: str
    facts_text: str


def read_folder(partnership_dir: Path) -> RuleSetText:
    """The rule set in a partnership's folder. Raises `fingerpost_rules.Unreadable`."""
    facts_file, rules_file = partnership_dir / "facts.yaml", partnership_dir / "rules.yaml"
    facts = read_facts(facts_file)
    rules = read_rule_set(rules_file, facts, read_names(partnership_dir / "directory.yaml"))
    return RuleSetText(rules, rules_file.read_text(encoding="utf-8"), facts_file.read_text(encoding="utf-8"))


class RuleBook:
    """Knows which rule set decides what. It is asked for each referral, and hears of publications every few seconds."""

    def __init__(self, engine: AsyncEngine, names: Names, timezone: ZoneInfo) -> None:
        self._engine = engine
        self.names = names
        self._timezone = timezone
        self._read: dict[str, RuleSet] = {}
        self._live: list[Live] = []
        self._heard_at = 0.0

    async def begin(self, found: RuleSetText) -> None:
        """Hear of the publications; where there is none yet, the set in the partnership's folder is the first."""
        async with self._engine.begin() as connection:
            row = self.row(found.rules, found.rules_text, found.facts_text, author=FOLDER)
            row |= {"state": "approved", "approved_by": FOLDER}
            first = {"seq": 1, "hash": found.rules.hash, "live_from": _BEGINNING, "by": FOLDER, "published_at": datetime.now(UTC)}
            if (await connection.execute(select(publications.c.seq).limit(1))).first() is None:
                await insert(connection, rule_sets, [row])
                await insert(connection, publications, [first])
        await self.hear()

    async def hear(self) -> None:
        """Learn of every publication."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(publications).order_by(publications.c.seq))).all()
            self._live = [Live(row.live_from, await self._rules(connection, row.hash)) for row in rows]
        self._heard_at = time.monotonic()

    def at(self, arrived_at: datetime) -> RuleSet:
        """The rule set by which a version of a referral that arrived then is decided. Raises `TryLater` when no news came for too long."""
        if not self._live or time.monotonic() - self._heard_at > _LONGEST_SILENCE_SECONDS:
            raise TryLater
        return in_force(self._live, arrived_at).rules

    async def rules(self, ruleset_hash: str) -> RuleSet:
        """The rule set with this hash. Raises `LookupError` where none was kept."""
        if ruleset_hash in self._read:
            return self._read[ruleset_hash]
        async with self._engine.connect() as connection:
            return await self._rules(connection, ruleset_hash)

    def row(self, rules: RuleSet, rules_text: str, facts_text: str, author: str, findings: Sequence[str] = ()) -> dict[str, Any]:
        """A rule set as a row to insert: a draft where the proofs found something, else checked."""
        day = datetime.combine(rules.effective_from, clock(), self._timezone)
        return {
            "hash": rules.hash,
            "ruleset": rules.version,
            "title": rules.title,
            "effective_from": day.astimezone(UTC),
            "rules": rules_text,
            "facts": facts_text,
            "state": "draft" if findings else "checked",
            "author": author,
            "findings": findings,
            "approved_by": None,
            "drafted_at": datetime.now(UTC),
        }

    async def _rules(self, connection: AsyncConnection, ruleset_hash: str) -> RuleSet:
        if ruleset_hash not in self._read:
            row = (await connection.execute(select(rule_sets).where(rule_sets.c.hash == ruleset_hash))).first()
            if row is None:
                raise LookupError(f"no rule set {ruleset_hash[:12]} was kept")
            self._read[ruleset_hash] = read_rule_set_text(row.rules, row.facts, None)
        return self._read[ruleset_hash]
