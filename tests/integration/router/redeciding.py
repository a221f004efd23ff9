"""The router's rules as coordinators step them: publications at any time, and re-decisions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.redeciding import Redeciding
from fingerpost_router.adapters.rule_action_book import RuleActionBook
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import decisions, publications, rule_sets
from fingerpost_router.rule_handlers import step_rule_set
from fingerpost_rules import RuleSet
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.envelope import Received
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.runtime.publishing import Answer, Outgoing
from tests.integration.router.routing import telling
from tests.unit.router.building import CALENDAR, FACTS, RULES, a_rule_set

COORDINATOR = "cora"
KEY = b"k" * 64


class Rules:
    """The router's rules as its consumer steps them, with publications at any time."""

    def __init__(self, engine: AsyncEngine, rule_book: RuleBook, folder: Path) -> None:
        self._engine, self._rule_book, self._folder = engine, rule_book, folder
        self.redeciding = Redeciding(engine, CALENDAR, telling)

    async def publish(self, seq: int, band: str, live_from: datetime, text: str = RULES, facts: str = FACTS) -> RuleSet:
        """A set by which anti-social behaviour has this band is live from then on."""
        found = a_rule_set(self._folder, text.replace("ruleset: 1", f"ruleset: {seq}").replace("band: P4", f"band: {band}"), facts)
        row = self._rule_book.row(found.rules, found.rules_text, found.facts_text, COORDINATOR)
        async with self._engine.begin() as connection:
            await connection.execute(rule_sets.insert().values({**row, "state": "approved"}))
            row = {"seq": seq, "hash": found.rules.hash, "live_from": live_from, "by": COORDINATOR, "published_at": live_from}
            await connection.execute(publications.insert().values(row))
        await self._rule_book.hear()
        return found.rules

    async def redecide(self, step: RulesetSubmitted) -> ActionAnswered:
        """What the router answers to the step."""
        received = Received(step, "id", "/fingerpost/console", RulesetSubmitted.filter(actor="operator"), lambda: datetime.now(UTC))
        book = RuleActionBook(self._engine)
        outgoing = await step_rule_set(
            [received], book, self._rule_book, self.redeciding, Assertions(KEY), lambda _: frozenset({"coordinator"})
        )
        return answer_in(outgoing)

    async def redecide_now(self) -> ActionAnswered:
        """What the router answers to who previews and confirms a re-decision by the set in force."""
        plan = await self.redeciding.plan(self._rule_book.at(datetime.now(UTC)))
        return await self.redecide(a_redecision(confirms=plan.fingerprint))

    async def decided(self) -> list[tuple[int, str]]:
        """Every decision: the publication after which it was made again, and its band."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(decisions.c.redecision, decisions.c.outcome).order_by(decisions.c.redecision))
            return [(row.redecision, row.outcome["band"]) for row in rows]


def answer_in(outgoing: Sequence[Outgoing]) -> ActionAnswered:
    """The answer among what a step brings."""
    return next(ActionAnswered.model_validate_json(one.body) for one in outgoing if isinstance(one, Answer))


def a_redecision(**fields: Any) -> RulesetSubmitted:
    """A coordinator confirms a re-decision."""
    return RulesetSubmitted(action_id=uuid4(), action="redecide", by=COORDINATOR, **fields)


def ago(**time: float) -> datetime:
    """So long before now."""
    return datetime.now(UTC) - timedelta(**time)
