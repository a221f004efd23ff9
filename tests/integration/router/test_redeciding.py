"""Deciding open referrals again, on the real PostgreSQL: only what somebody confirmed, by the set that was in force when they did."""

from datetime import UTC, datetime

import pytest

from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.rule_book import RuleBook
from tests.integration.router.redeciding import Rules, a_redecision, ago
from tests.integration.router.routing import routing, unrouted
from tests.unit.router.building import RULES, a_referral


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
    await rules.redeciding.run(gap, 2, datetime.now(UTC))

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
