"""The book of actions: each is performed once, under its actor and id, and its answer is kept for a resend."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.book import leg_of, update_leg
from fingerpost_router.adapters.tables import actions, legs
from fingerpost_router.domain.legs import Leg
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.events import ActionSubmitted


class Turn:
    """One action's turn at its leg, which stays locked meanwhile."""

    def __init__(self, connection: AsyncConnection, actor: str, action: ActionSubmitted) -> None:
        self._connection, self._actor, self._action = connection, actor, action
        self.answered: ActionAnswered | None = None
        self.leg: Leg | None = None
        self._leg_before: Leg | None = None

    async def read(self) -> None:
        """Lock the leg, then see whether this action had its turn already."""
        row = (await self._connection.execute(select(legs).where(legs.c.id == self._action.leg_id).with_for_update())).first()
        self.leg = self._leg_before = leg_of(row) if row else None
        mine = (actions.c.actor == self._actor, actions.c.action_id == self._action.action_id)
        earlier = (await self._connection.execute(select(actions.c.answer).where(*mine))).first()
        self.answered = ActionAnswered.model_validate(earlier.answer) if earlier else None

    async def save(self, answer: ActionAnswered) -> None:
        """Keep the answer, and the leg where it changed."""
        if self.leg is not None and self.leg != self._leg_before:
            await update_leg(self._connection, self.leg)
        row = {
            "actor": self._actor,
            "action_id": self._action.action_id,
            "leg_id": self._action.leg_id,
            "action": self._action.action,
            "by": self._action.by,
            "answer": answer,
            "acted_at": datetime.now(UTC),
        }
        await self._connection.execute(actions.insert().values(row))


class ActionBook:
    """Gives actions their turns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def turn(self, actor: str, action: ActionSubmitted) -> AsyncGenerator[Turn]:
        """Saved on leaving the block, or not at all when it raises."""
        async with self._engine.begin() as connection:
            turn = Turn(connection, actor, action)
            await turn.read()
            yield turn
