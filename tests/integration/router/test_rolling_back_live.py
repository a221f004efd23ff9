"""Rule sets that follow each other on the whole system: set A, then B, then A again, over a steady flow and two routers."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fingerpost_local.ports import free_port
from fingerpost_local.supervisor import RunningProgram
from fingerpost_rules.live import in_force
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.queries.rule_sets import LiveRuleSet, RedecisionPlan, RedecisionPlanQuery, RuleSetsQuery
from tests.integration.router.coordinating import AUTHOR, NOTICE_SECONDS, SECOND, VANDALISM, done, rules, step, with_urgent_vandalism
from tests.support.live import Live, eventually, fresh

A_LASTS, B_LASTS = timedelta(seconds=5), timedelta(seconds=12)
PAUSE_SECONDS = 0.2

Figures = tuple[float, ...]


@dataclass
class Replicas:
    """Two routers on one book."""

    urls: tuple[str, str]

    async def routed(self) -> Figures:
        """How many referrals each has routed."""
        async with httpx.AsyncClient() as client:
            pages = [(await client.get(f"{url}/metrics")).text for url in self.urls]
        lines = [re.findall(r'handled_total\{consumer="router-referral-received-.*acknowledged.*\} (\S+)', page) for page in pages]
        return tuple(sum(map(float, found)) for found in lines)


@dataclass
class Story:
    """What happened: three publications, and two re-decisions by them."""

    a: LiveRuleSet
    b: LiveRuleSet
    a_again: LiveRuleSet
    routed: tuple[Figures, Figures, Figures, Figures]
    refused: ActionAnswered
    plan_of_b: RedecisionPlan
    answer_of_b: ActionAnswered
    plan_of_a: RedecisionPlan
    answer_of_a: ActionAnswered

    def at(self, received_at: datetime) -> LiveRuleSet:
        """The publication in whose window a referral was received."""
        return in_force([self.a, self.b, self.a_again], received_at)


@pytest.fixture(scope="module")
async def replicas(live: Live) -> AsyncIterator[Replicas]:
    """The system's router and a second one."""
    first = next(one for one in live.system.programs if one.program.name == "router")
    port = free_port()
    environment = {**first.program.environment, "FINGERPOST_HTTP_PORT": str(port)}
    program = replace(first.program, url=f"http://127.0.0.1:{port}", environment=environment)
    second = RunningProgram(program, first.log.with_name("router-2.log"))
    second.start()
    try:
        await second.ready()
        yield Replicas((first.program.url, second.program.url))
    finally:
        second.stop()


@pytest.fixture(scope="module")
async def story(live: Live, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Publishes the partnership's first set, B and the first again, all before the first of them begins; re-decides in two windows."""
    hash_of_a = (await live.ask(RuleSetsQuery())).publications[0].hash
    hash_of_b = approved(live, with_urgent_vandalism(tmp_path_factory.mktemp("b"), ruleset=3))
    a_from = datetime.now(UTC) + timedelta(seconds=NOTICE_SECONDS)
    for hash, live_from in ((hash_of_a, a_from), (hash_of_b, a_from + A_LASTS), (hash_of_a, a_from + A_LASTS + B_LASTS)):
        published = await step(live, "publish", SECOND, ruleset_hash=hash, live_from=live_from)
        assert published.result == "done", published.help
    a, b, a_again = (await live.ask(RuleSetsQuery())).publications[-3:]

    sending = asyncio.create_task(a_steady_flow(live))
    at_start = await begun(live, a, replicas)
    seen_too_early = await live.ask(RedecisionPlanQuery())
    at_b = await begun(live, b, replicas)
    refused = await step(live, "redecide", SECOND, ruleset_hash=hash_of_b, confirms=seen_too_early.fingerprint)
    plan_of_b, answer_of_b = await redecided(live)
    at_a = await begun(live, a_again, replicas)
    plan_of_a, answer_of_a = await redecided(live)
    await asyncio.sleep(2)
    sending.cancel()
    await routed_all(live)
    routed = (at_start, at_b, at_a, await replicas.routed())
    return Story(a, b, a_again, routed, refused, plan_of_b, answer_of_b, plan_of_a, answer_of_a)


async def a_steady_flow(live: Live) -> None:
    while True:
        (await live.post(fresh(VANDALISM))).raise_for_status()
        await asyncio.sleep(PAUSE_SECONDS)


def approved(live: Live, file: Path) -> str:
    """The hash of the set in a file, once it was drafted, previewed and approved."""
    drafted = done(rules(live, "draft", str(file), "--by", AUTHOR, "--json"))
    assert rules(live, "preview", str(file), "--by", AUTHOR, "--json").returncode == 0
    done(rules(live, "approve", drafted["hash"], "--by", SECOND, "--json"))
    return drafted["hash"]


async def begun(live: Live, publication: LiveRuleSet, replicas: Replicas) -> Figures:
    """Wait until a set is live and what came before it is decided; returns what each router had routed when it began."""
    await asyncio.sleep((publication.live_from - datetime.now(UTC)).total_seconds())
    figures = await replicas.routed()
    await routed_all(live, before=publication.live_from)
    return figures


async def routed_all(live: Live, before: datetime | None = None) -> None:
    moment = before or datetime.now(UTC)

    async def is_routed() -> bool:
        counted = "SELECT count(*) FROM referrals WHERE received_at < $1"
        (saved,) = (await live.rows("intake", counted, moment))[0]
        (decided,) = (await live.rows("router", counted, moment))[0]
        return saved == decided

    await eventually(is_routed)


async def redecided(live: Live) -> tuple[RedecisionPlan, ActionAnswered]:
    """The preview of a re-decision, and what became of confirming it."""
    plan = await live.ask(RedecisionPlanQuery())
    return plan, await step(live, "redecide", SECOND, ruleset_hash=plan.ruleset_hash, confirms=plan.fingerprint)


async def decisions(live: Live, story: Story) -> list[Any]:
    """Every decision on a referral that was received since A was live."""
    wanted = """
        SELECT r.received_at, d.ruleset_hash, d.redecision, d.outcome::jsonb->>'band' AS band
        FROM decisions d JOIN referrals r ON r.id = d.referral_id WHERE r.received_at >= $1
    """
    return await live.rows("router", wanted, story.a.live_from)


async def test_each_referral_is_decided_by_the_set_in_whose_window_it_was_received_and_its_decision_names_it(
    live: Live, story: Story
) -> None:
    first = [row for row in await decisions(live, story) if row["redecision"] == 0]

    wrong = [dict(row) for row in first if row["ruleset_hash"] != story.at(row["received_at"]).hash]
    assert wrong == []
    for publication in (story.a, story.b, story.a_again):
        of_window = [row for row in first if story.at(row["received_at"]) == publication]
        assert of_window
        assert all((row["band"] == "P2") == (publication is story.b) for row in of_window)


def test_both_routers_decided_in_every_window(story: Story) -> None:
    for before, after in zip(story.routed, story.routed[1:], strict=False):
        assert all(late > early for early, late in zip(before, after, strict=True)), story.routed


def test_a_preview_seen_before_the_set_changed_is_refused_with_what_to_do(story: Story) -> None:
    assert story.refused.result == "refused"
    assert story.refused.help == "What would move is not what was previewed: preview it again."


async def test_a_redecision_while_another_publication_is_announced_goes_by_the_set_in_force(live: Live, story: Story) -> None:
    assert story.plan_of_b.ruleset_hash == story.b.hash
    assert story.plan_of_b.moves > 10
    assert story.answer_of_b.rule_set is not None
    assert (story.answer_of_b.rule_set.hash, story.answer_of_b.rule_set.redecided) == (story.b.hash, story.plan_of_b.moves)
    again = [row for row in await live.rows("router", "SELECT * FROM decisions") if row["redecision"] == story.b.seq]
    assert {row["ruleset_hash"] for row in again} == {story.b.hash}
    assert len(again) == story.plan_of_b.moves


async def test_when_the_announced_one_is_live_its_own_redecision_has_work_to_do(live: Live, story: Story) -> None:
    assert story.plan_of_a.ruleset_hash == story.a.hash
    assert story.plan_of_a.moves > 10
    assert story.answer_of_a.rule_set is not None
    assert story.answer_of_a.rule_set.redecided == story.plan_of_a.moves
    again = [row for row in await live.rows("router", "SELECT * FROM decisions") if row["redecision"] == story.a_again.seq]
    assert {row["ruleset_hash"] for row in again} == {story.a.hash}


def test_a_coordinator_cannot_approve_their_own_draft(live: Live, tmp_path: Path) -> None:
    file = with_urgent_vandalism(tmp_path, ruleset=4)
    drafted = done(rules(live, "draft", str(file), "--by", SECOND, "--json"))
    rules(live, "preview", str(file), "--by", AUTHOR, "--json")

    refused = rules(live, "approve", drafted["hash"], "--by", SECOND)

    assert refused.returncode == 1
    assert "Its author cannot approve it: ask another coordinator." in refused.stderr
    assert done(rules(live, "approve", drafted["hash"], "--by", AUTHOR, "--json"))["state"] == "approved"
