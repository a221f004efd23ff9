"""Reads past decisions out of the router's book, for previews and replays."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from pydantic_core import from_json
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fingerpost_router.domain.past import PastDecision
from fingerpost_rules import RuleSet
from fingerpost_rules.live import read_rule_set_text
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.database import open_database
from fingerpost_shared.runtime.faults import passes_by_itself

# as text: one parser for both columns, and no decoding in the driver
_WHAT = "r.reference, d.facts::text, d.outcome::text, d.ruleset_hash FROM decisions d JOIN referrals r ON r.id = d.referral_id"
_ALL = text(f"SELECT {_WHAT} ORDER BY d.decided_at")
_NEWEST = text(f"SELECT DISTINCT ON (d.referral_id) {_WHAT} ORDER BY d.referral_id, d.version DESC, d.redecision DESC")
_TEXT = text("SELECT rules, facts FROM rule_sets WHERE hash = :hash")


class PastBook:
    """The router's book, to be read only. Every look raises `CommandFailed` where the database cannot be reached."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url, pool=1)

    async def all(self) -> Sequence[PastDecision]:
        """Every decision, the oldest first."""
        return await self._read(_ALL)

    async def newest(self) -> Sequence[PastDecision]:
        """The decision that each referral goes by."""
        return await self._read(_NEWEST)

    async def rules(self, ruleset_hash: str) -> RuleSet:
        """The rule set with this hash, from the text that was kept."""
        async with self._connected() as connection:
            row = (await connection.execute(_TEXT, {"hash": ruleset_hash})).one()
        return read_rule_set_text(row.rules, row.facts, None)

    async def _read(self, query: TextClause) -> Sequence[PastDecision]:
        async with self._connected() as connection:
            rows = (await connection.execute(query)).all()
        return [PastDecision(row[0], from_json(row[1]), from_json(row[2]), row[3]) for row in rows]

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except Exception as error:
            if not passes_by_itself(error):
                raise
            why = f"The router's database cannot be read ({type(error).__name__})"
            raise CommandFailed(f"{why}: is the system running? 'fingerpost up' starts it.") from None

    async def close(self) -> None:
        """Let the connection go."""
        await self._engine.dispose()
