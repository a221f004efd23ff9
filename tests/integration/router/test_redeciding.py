"""Deciding open referrals again, on the real PostgreSQL: only what somebody confirmed, by the set that was in force when they did."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.book import Book
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
from tests.integration.router.routing import count_unrouted, routing, unrouted
from tests.unit.router.building import CALENDAR, RULES, a_referral, a_rule_set

COORDINATOR = "cora"
KEY = b"k" * 64


class Rules:
    """The router's rules as its consumer steps them, with publications at any time."""

    def __init__(self, engine: AsyncEngine, rule_book: RuleBook, folder: Path) -> None:
        self._engine, self._rule_book, self._folder = engine, rule_book, folder
        self.redeciding = Redeciding(engine, CALENDAR, count_unrouted)

    async def publish(self, seq: int, band: str, live_from: datetime, text: str = RULES) -> RuleSet:
        """A set by which anti-social behaviour has this band is live from then on."""
        found = a_rule_set(self._folder, text.replace("ruleset: 1", f"ruleset: {seq}").replace("band: P4", f"band: {band}"))
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

    async def decided(self) -> list[tuple[int, str]]:
        """Every decision: the publication after which it was made again, and its band."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(decisions.c.redecision, decisions.c.outcome).order_by(decisions.c.redecision))
            return [(row.redecision, row.outcome["band"]) for row in rows]


def answer_in(outgoing: Sequence[Outgoing]) -> ActionAnswered:
    return next(ActionAnswered.model_validate_json(one.body) for one in outgoing if isinstance(one, Answer))


def a_redecision(**fields: Any) -> RulesetSubmitted:
    return RulesetSubmitted(action_id=uuid4(), action="redecide", by=COORDINATOR, **fields)


@pytest.fixture
def rules(engine: AsyncEngine, rule_book: RuleBook, tmp_path: Path) -> Rules:
    return Rules(engine, rule_book, tmp_path)


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


async def test_a_refused_redecision_that_is_delivered_again_still_changes_nothing(rules: Rules, book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral())
    await rules.publish(2, "P3", ago(hours=1))
    step = a_redecision(confirms="0" * 64)

    first = await rules.redecide(step)
    again = await rules.redecide(step)

    assert (first.code, first.help) == ("not_what_was_previewed", "What would move is not what was previewed: preview it again.")
    assert again == first
    assert await rules.decided() == [(0, "P4")]


async def test_an_interrupted_redecision_is_finished_by_the_set_that_was_confirmed_whatever_is_live_by_then(
    rules: Rules, book: Book, rule_book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await routing(book, rule_book, a_referral())
    confirmed = await rules.publish(2, "P3", ago(hours=1))
    step = a_redecision(confirms=(await rules.redeciding.plan(confirmed)).fingerprint)

    async def crash(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(rules.redeciding, "run", crash)
        with pytest.raises(ConnectionResetError):
            await rules.redecide(step)
    newer = await rules.publish(3, "P2", datetime.now(UTC))
    answer = await rules.redecide(step)

    assert answer.rule_set is not None
    assert (answer.rule_set.hash, answer.rule_set.redecided) == (confirmed.hash, 1)
    assert await rules.decided() == [(0, "P4"), (2, "P3")]
    assert (await rules.redeciding.plan(newer)).moves == 1


async def test_a_redecision_that_finds_no_rule_is_counted_once(rules: Rules, book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral())
    gap = await rules.publish(2, "P3", ago(hours=1), RULES.replace("has asb", "has hate_crime"))
    step = a_redecision(confirms=(await rules.redeciding.plan(gap)).fingerprint)
    before = unrouted()

    await rules.redecide(step)
    await rules.redecide(step)
    await rules.redeciding.run(gap, 2)

    assert unrouted() - before == 1


async def test_a_preview_is_stale_once_a_referral_of_it_was_decided_anew(rules: Rules, book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral())
    newer = await rules.publish(2, "P3", ago(hours=1))
    seen = await rules.redeciding.plan(newer)
    await routing(book, rule_book, a_referral(version=2, weapon="none"))

    answer = await rules.redecide(a_redecision(confirms=seen.fingerprint))

    assert answer.code == "not_what_was_previewed"
    assert (await rules.redeciding.plan(newer)).moves == seen.moves == 1


async def test_a_redecision_confirmed_twice_is_done_once(rules: Rules, book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral())
    newer = await rules.publish(2, "P3", ago(hours=1))
    step = a_redecision(confirms=(await rules.redeciding.plan(newer)).fingerprint)

    assert await rules.redecide(step) == await rules.redecide(step)

    assert await rules.decided() == [(0, "P4"), (2, "P3")]


async def test_an_action_id_that_stands_for_another_step_gets_no_answer_of_that_one(rules: Rules, book: Book, rule_book: RuleBook) -> None:
    await routing(book, rule_book, a_referral())
    newer = await rules.publish(2, "P3", ago(hours=1))
    step = a_redecision(confirms=(await rules.redeciding.plan(newer)).fingerprint)
    assert (await rules.redecide(step)).result == "done"

    other = await rules.redecide(step.model_copy(update={"action": "approve", "ruleset_hash": newer.hash}))

    assert (other.result, other.code) == ("refused", "another_step")
    assert (await rules.redecide(step)).result == "done"
