"""Reads past decisions out of the router's book, for previews and replays."""

from collections.abc import Sequence

from pydantic_core import from_json
from sqlalchemy import text

from fingerpost_router.domain.past import PastDecision
from fingerpost_rules import RuleSet
from fingerpost_rules.live import read_rule_set_text
from fingerpost_shared.runtime.database import open_database

# as text: one parser for both columns, and no decoding in the driver
_ALL = text(
    """
    SELECT r.reference, d.facts::text, d.outcome::text, d.ruleset_hash
    FROM decisions d JOIN referrals r ON r.id = d.referral_id ORDER BY d.decided_at
    """
)
_TEXT = text("SELECT rules, facts FROM rule_sets WHERE hash = :hash")


class PastBook:
    """The router's book, to be read only."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url, pool=1)

    async def all(self) -> Sequence[PastDecision]:
        """Every decision, the oldest first."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_ALL)).all()
        return [PastDecision(row[0], from_json(row[1]), from_json(row[2]), row[3]) for row in rows]

    async def rules(self, ruleset_hash: str) -> RuleSet:
        """The rule set with this hash, from the text that was kept."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_TEXT, {"hash": ruleset_hash})).one()
        return read_rule_set_text(row.rules, row.facts, None)

    async def close(self) -> None:
        """Let the connection go."""
        await self._engine.dispose()
