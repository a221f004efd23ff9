"""What the router tells of its rule sets: the findings, and what the last preview showed to who has to approve it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_local.servers import Servers
from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.past import PastBook
from fingerpost_router.adapters.redeciding import Redeciding
from fingerpost_router.adapters.rule_action_book import RuleActionBook
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.rule_look_ups import RuleLookUps
from fingerpost_router.domain.past import effect_of, shown_effect
from fingerpost_router.rule_handlers import step_rule_set
from fingerpost_rules import read_names
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.effects import Shift, Workload
from fingerpost_shared.contracts.envelope import Received
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.contracts.queries.rule_sets import RuleSetQuery, RuleSetTextQuery
from fingerpost_shared.runtime.publishing import Answer
from tests.integration.router.routing import routing, telling
from tests.unit.router.building import CALENDAR, FACTS, LONDON, RULES, a_referral, a_rule_set

HATE_CRIME = """\
- id: HC-01
  title: A hate crime goes to MATAC
  when: {kinds: has hate_crime}
  then: {lead: matac, band: P4, alert: [police]}
  because: The Strategy says so
"""
PROVED = RULES + HATE_CRIME
LESS_URGENT = PROVED.replace("ruleset: 1", "ruleset: 2").replace("lead: marac, band: P2", "lead: marac, band: P3").replace("2d", "3d")


@pytest.fixture
async def rule_book(engine: AsyncEngine, tmp_path: Path) -> RuleBook:
    """The partnership's rule set, and the names that drafts are read by."""
    first = a_rule_set(tmp_path)
    rule_book = RuleBook(engine, read_names(tmp_path / "directory.yaml"), LONDON)
    await rule_book.begin(first)
    return rule_book


@pytest.fixture
def look_ups(engine: AsyncEngine) -> RuleLookUps:
    return RuleLookUps(engine)


async def step(engine: AsyncEngine, rule_book: RuleBook, actor: str = "operator", **fields: Any) -> ActionAnswered:
    event = RulesetSubmitted.model_validate({"action_id": uuid4(), "by": "cora", **fields})
    received = Received(event, "id", "/fingerpost/console", RulesetSubmitted.filter(actor=actor), lambda: datetime.now(UTC))
    roles = {"cora": frozenset({"coordinator"})}
    book, redeciding, assertions = RuleActionBook(engine), Redeciding(engine, CALENDAR, telling), Assertions(b"k" * 64)
    outgoing = await step_rule_set([received], book, rule_book, redeciding, assertions, lambda person: roles.get(person, frozenset()))
    return next(ActionAnswered.model_validate_json(one.body) for one in outgoing if isinstance(one, Answer))


async def test_a_preview_is_kept_with_its_workload_its_changes_and_the_referrals_that_move(
    engine: AsyncEngine, rule_book: RuleBook, book: Book, look_ups: RuleLookUps, databases: Servers, tmp_path: Path
) -> None:
    await routing(book, rule_book, a_referral("one", kinds=("domestic_abuse",)), a_referral("two"))
    await routing(book, rule_book, a_referral("one", version=2, kinds=("domestic_abuse",), weapon="none"))
    found = a_rule_set(tmp_path, LESS_URGENT)
    await step(engine, rule_book, action="draft", rules=found.rules_text, facts=FACTS)
    past = PastBook(databases.database_urls["router"])
    effect = effect_of(found.rules, await past.newest())
    await past.close()

    await step(engine, rule_book, action="preview", ruleset_hash=found.rules.hash, summary=effect.summary, effect=shown_effect(effect))

    kept = (await look_ups.rule_set(RuleSetQuery(hash=found.rules.hash))).preview
    assert kept is not None
    assert kept.effect is not None
    assert (kept.decided, kept.moves, kept.less_urgent, kept.by) == (2, 1, 1, "cora")
    assert kept.effect.bands == (Shift(old="P2", new="P3", count=1),)
    assert Workload(destination="marac", before=1, after=1) in kept.effect.workload
    (move,) = kept.effect.shown
    assert (move.reference, move.is_less_urgent) == (a_referral("one").reference, True)


@pytest.mark.parametrize("summary", [None, {"decided": 1}, {"decided": 1, "moves": 0, "less_urgent": 0, "more": 1}])
async def test_a_preview_without_its_figures_is_refused_and_the_set_can_still_be_looked_at(
    engine: AsyncEngine, rule_book: RuleBook, look_ups: RuleLookUps, tmp_path: Path, summary: dict[str, int] | None
) -> None:
    found = a_rule_set(tmp_path, LESS_URGENT)
    await step(engine, rule_book, action="draft", rules=found.rules_text, facts=FACTS)

    answer = await step(engine, rule_book, action="preview", ruleset_hash=found.rules.hash, summary=summary)

    assert (answer.result, answer.code) == ("refused", "incomplete")
    assert (await look_ups.rule_set(RuleSetQuery(hash=found.rules.hash))).preview is None


async def test_findings_are_told_with_the_set(engine: AsyncEngine, rule_book: RuleBook, look_ups: RuleLookUps, tmp_path: Path) -> None:
    faulty = RULES.replace("ruleset: 1", "ruleset: 3").replace("when: {kinds: has asb}", "when: {kinds: has asb, weapon: bladed}")
    answer = await step(engine, rule_book, action="draft", rules=faulty, facts=FACTS)

    assert answer.rule_set is not None
    detail = await look_ups.rule_set(RuleSetQuery(hash=answer.rule_set.hash))
    assert detail.rule_set is not None
    assert (detail.rule_set.state, detail.rule_set.findings) == ("draft", len(detail.findings))
    assert detail.findings == answer.rule_set.findings != ()
    assert (await look_ups.text(RuleSetTextQuery(hash=answer.rule_set.hash))).rules == faulty


async def test_a_hash_of_no_set_is_not_found(look_ups: RuleLookUps) -> None:
    assert not (await look_ups.rule_set(RuleSetQuery(hash="0" * 64))).found


async def test_a_step_from_the_console_without_a_signed_in_person_changes_nothing(
    engine: AsyncEngine, rule_book: RuleBook, look_ups: RuleLookUps, tmp_path: Path
) -> None:
    found = a_rule_set(tmp_path, LESS_URGENT)

    answer = await step(engine, rule_book, actor="console", action="draft", rules=found.rules_text, facts=FACTS)

    assert (answer.result, answer.code) == ("refused", "not_signed_in")
    assert not (await look_ups.rule_set(RuleSetQuery(hash=found.rules.hash))).found
