"""The book of rule sets' lives: each step is taken once, under its actor and id, and its answer is kept for a resend."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.tables import publications, rule_actions, rule_sets
from fingerpost_router.domain.rule_lifecycle import Publication, RuleSetRecord
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.runtime.database import insert

_COLUMNS = ("hash", "ruleset", "title", "effective_from", "state", "author", "findings", "preview", "approved_by")


class RuleTurn:
    """One step's turn. Turns come one after another, so that two coordinators cannot publish at once."""

    def __init__(self, connection: AsyncConnection, actor: str, step: RulesetSubmitted) -> None:
        self._connection, self._actor, self._step = connection, actor, step
        self.answered: ActionAnswered | None = None
        self.has_begun = False
        self.begun_at = datetime.now(UTC)

    async def read(self) -> None:
        """See whether this step had its turn already, or began it, and when."""
        earlier = (await self._connection.execute(select(rule_actions).where(*self._mine()))).first()
        if earlier is not None:
            self.has_begun, self.begun_at = True, earlier.begun_at
            self.answered = ActionAnswered.model_validate(earlier.answer) if earlier.answer else None
            if (earlier.action, earlier.by, earlier.ruleset_hash) != (self._step.action, self._step.by, self._step.ruleset_hash):
                self.answered = _another_step(self._step.action_id)

    async def record(self, ruleset_hash: str) -> RuleSetRecord | None:
        """The rule set with this hash."""
        row = (await self._connection.execute(select(rule_sets).where(rule_sets.c.hash == ruleset_hash))).first()
        if row is None:
            return None
        values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
        values["findings"] = len(row.findings)
        return RuleSetRecord(**values)

    async def add(self, row: Mapping[str, Any]) -> None:
        """Keep a drafted rule set; one with the same words is there already."""
        await insert(self._connection, rule_sets, [row])

    async def change(self, record: RuleSetRecord) -> None:
        """Write a rule set's new state."""
        values = {"state": record.state, "preview": record.preview, "approved_by": record.approved_by}
        await self._connection.execute(update(rule_sets).where(rule_sets.c.hash == record.hash).values(values))

    async def publications(self) -> list[Publication]:
        """Every publication in their order; the last ones may be announced for later."""
        rows = await self._connection.execute(select(publications).order_by(publications.c.seq))
        return [Publication(row.seq, row.hash, row.live_from, row.by) for row in rows]

    async def publish(self, publication: Publication) -> None:
        """Keep a publication."""
        row = {
            "seq": publication.seq,
            "hash": publication.hash,
            "live_from": publication.live_from,
            "by": publication.by,
            "published_at": datetime.now(UTC),
        }
        await self._connection.execute(publications.insert().values(row))

    async def save(self, answer: ActionAnswered | None) -> None:
        """Keep the step, and its answer once there is one."""
        row = {
            "actor": self._actor,
            "action_id": self._step.action_id,
            "action": self._step.action,
            "by": self._step.by,
            "ruleset_hash": self._step.ruleset_hash,
            "answer": answer,
            "begun_at": self.begun_at,
        }
        if self.has_begun:
            await self._connection.execute(update(rule_actions).where(*self._mine()).values(answer=row["answer"]))
        else:
            await self._connection.execute(rule_actions.insert().values(row))
        self.answered = answer

    def _mine(self) -> tuple[Any, ...]:
        return rule_actions.c.actor == self._actor, rule_actions.c.action_id == self._step.action_id


def _another_step(action_id: UUID) -> ActionAnswered:
    help_text = "This action_id stands for another step that was taken before: take this one under an id of its own."
    return ActionAnswered(action_id=action_id, result="refused", code="another_step", help=help_text)


class RuleActionBook:
    """Gives steps their turns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def turn(self, actor: str, step: RulesetSubmitted) -> AsyncGenerator[RuleTurn]:
        """Saved on leaving the block, or not at all when it raises."""
        async with self._engine.begin() as connection:
            await connection.exec_driver_sql("LOCK TABLE rule_actions IN SHARE ROW EXCLUSIVE MODE")
            turn = RuleTurn(connection, actor, step)
            await turn.read()
            yield turn
