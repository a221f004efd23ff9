"""The book of actions: each is performed once, under its actor and id, and its answer is kept for a resend."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.book import leg_of, update_leg
from fingerpost_router.adapters.tables import actions, legs
from fingerpost_router.domain.acting import is_a_name
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
        """Lock the leg, then see whether this action had its turn already; its id can stand for no other action."""
        row = (await self._connection.execute(select(legs).where(legs.c.id == self._action.leg_id).with_for_update())).first()
        self.leg = self._leg_before = leg_of(row) if row else None
        mine = (actions.c.actor == self._actor, actions.c.action_id == self._action.action_id)
        earlier = (await self._connection.execute(select(actions).where(*mine))).first()
        if earlier is not None:
            asked = (self._action.leg_id, self._action.action, self._by)
            is_same = (earlier.leg_id, earlier.action, earlier.by) == asked
            self.answered = ActionAnswered.model_validate(earlier.answer) if is_same else _another_action(self._action.action_id)

    @property
    def _by(self) -> str:
        """The person's name; what can be nobody's is not kept, for it may be anything."""
        return self._action.by if is_a_name(self._action.by) else ""

    async def save(self, answer: ActionAnswered) -> None:
        """Keep the answer, and the leg where it changed."""
        if self.leg is not None and self.leg != self._leg_before:
            await update_leg(self._connection, self.leg)
        row = {
            "actor": self._actor,
            "action_id": self._action.action_id,
            "leg_id": self._action.leg_id,
            "action": self._action.action,
            "by": self._by,
            "answer": answer,
            "acted_at": datetime.now(UTC),
        }
        await self._connection.execute(actions.insert().values(row))


def _another_action(action_id: UUID) -> ActionAnswered:
    help_text = "This action_id stands for another action that was taken before: take this one under an id of its own."
    return ActionAnswered(action_id=action_id, result="refused", code="another_action", help=help_text)


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
