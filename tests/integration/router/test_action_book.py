"""Acting on legs over the real book: one of two people wins, and a resend hears what the first one heard."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.action_book import ActionBook
from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import actions, legs
from fingerpost_router.handlers import act_on_leg
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import ActionSubmitted
from fingerpost_shared.runtime.faults import TryLater
from fingerpost_shared.runtime.publishing import Answer
from tests.integration.router.routing import encoded, routing, sizes
from tests.unit.router.building import a_referral

ASSERTIONS = Assertions(b"k" * 64)


@pytest.fixture
async def leg_id(book: Book, rule_book: RuleBook) -> Any:
    (event,) = await routing(book, rule_book, a_referral())
    return event.event.leg_id  # pyright: ignore[reportAttributeAccessIssue]


def asked(leg_id: Any, by: str = "Sam Sample", actor: str = "matac", ago: timedelta = timedelta(0), **changes: Any) -> Received[Any]:
    fields = {"action_id": uuid4(), "leg_id": leg_id, "action": "acknowledge", "by": by, **changes}
    subject = f"action.submitted.v1.router.{actor}"
    return Received(ActionSubmitted(**fields), "id", "/their/system", subject, lambda: datetime.now(UTC) - ago)


async def act(engine: AsyncEngine, *batch: Received[Any]) -> tuple[list[ActionAnswered], list[Envelope]]:
    outgoing = await act_on_leg(batch, ActionBook(engine), ASSERTIONS)
    return answers(outgoing), [item for item in outgoing if isinstance(item, Envelope)]


def answers(outgoing: Sequence[Any]) -> list[ActionAnswered]:
    return [ActionAnswered.model_validate_json(item.body) for item in outgoing if isinstance(item, Answer)]


async def owners(engine: AsyncEngine) -> list[tuple[str, str | None]]:
    async with engine.connect() as connection:
        return [(row.destination, row.owner) for row in await connection.execute(select(legs).order_by(legs.c.destination))]


async def test_of_ten_people_who_take_a_leg_at_once_one_has_it(engine: AsyncEngine, leg_id: Any) -> None:
    people = [asked(leg_id, by=f"Sample {number}") for number in range(10)]

    results = await asyncio.gather(*(act(engine, person) for person in people))

    said = [answer for answered, _ in results for answer in answered]
    won = [answer for answer in said if answer.result == "done"]
    assert len(won) == 1
    assert {answer.code for answer in said if answer.result == "refused"} == {"already_owned"}
    assert won[0].leg is not None
    assert await owners(engine) == [("matac", won[0].leg.owner)]
    assert sum(len(events) for _, events in results) == 1


async def test_what_can_be_nobodys_name_is_refused_and_not_kept(engine: AsyncEngine, leg_id: Any) -> None:
    action = asked(leg_id, by="Canary Robin\0, 07700 900417")

    first, again = [(await act(engine, action))[0] for _ in range(2)]

    assert [answer.code for answer in first] == ["nobody_named"]
    assert again == first
    async with engine.connect() as connection:
        assert [row.by for row in await connection.execute(select(actions))] == [""]
    assert await owners(engine) == [("matac", None)]


async def test_a_resend_hears_the_same_answer_and_does_nothing_more(engine: AsyncEngine, leg_id: Any) -> None:
    action = asked(leg_id)
    first = await act_on_leg([action], ActionBook(engine), ASSERTIONS)
    before = await sizes(engine)

    again = await act_on_leg([action], ActionBook(engine), ASSERTIONS)

    assert [item.body for item in again if isinstance(item, Answer)] == [item.body for item in first if isinstance(item, Answer)]
    assert encoded([item for item in again if isinstance(item, Envelope)]) == encoded([i for i in first if isinstance(i, Envelope)])
    assert await sizes(engine) == before


async def test_a_refusal_is_kept_too_even_when_the_leg_has_changed_since(engine: AsyncEngine, leg_id: Any) -> None:
    early = asked(leg_id, expected_version=7)
    (refused,), _ = await act(engine, early)
    await act(engine, asked(leg_id, by="Robin Sample"))

    (again,), events = await act(engine, early)

    assert again == refused
    assert again.code == "stale"
    assert events == []


async def test_a_resend_after_the_referral_was_updated_brings_the_event_of_the_first_time(
    engine: AsyncEngine, book: Book, rule_book: RuleBook, leg_id: Any
) -> None:
    action = asked(leg_id)
    _, (first,) = await act(engine, action)
    await routing(book, rule_book, a_referral(version=2, kinds=("asb", "domestic_abuse")))

    _, (again,) = await act(engine, action)

    assert again.id == first.id
    assert again.event.version == first.event.version  # pyright: ignore[reportAttributeAccessIssue]


async def test_an_action_id_used_again_on_anothers_leg_takes_and_tells_nothing(
    engine: AsyncEngine, book: Book, rule_book: RuleBook, leg_id: Any
) -> None:
    told = await routing(book, rule_book, a_referral("theirs", kinds=("domestic_abuse",)))
    theirs = next(event.event for event in told if event.event.destination == "marac")  # pyright: ignore[reportAttributeAccessIssue]
    action = asked(leg_id)
    await act(engine, action)

    (answer,), events = await act(engine, asked(theirs.leg_id, action_id=action.event.action_id))  # pyright: ignore[reportAttributeAccessIssue]

    assert events == []
    assert (answer.result, answer.code, answer.leg) == ("refused", "another_action", None)  # nobody can take it for done
    assert ("marac", None) in await owners(engine)


async def test_an_action_id_used_again_by_another_person_is_refused(engine: AsyncEngine, leg_id: Any) -> None:
    first = asked(leg_id)
    await act(engine, first)

    (refused,), events = await act(engine, asked(leg_id, by="Robin Sample", action_id=first.event.action_id))

    assert (refused.result, refused.code, events) == ("refused", "another_action", [])
    assert "under an id of its own" in refused.help


async def test_a_stranger_hears_nothing_of_the_leg(engine: AsyncEngine, leg_id: Any) -> None:
    (answer,), events = await act(engine, asked(leg_id, actor="marac"))

    assert (answer.result, answer.code, answer.leg) == ("refused", "not_yours", None)
    assert events == []


async def test_a_leg_that_is_not_known_yet_is_waited_for_and_then_refused(engine: AsyncEngine) -> None:
    with pytest.raises(TryLater):
        await act(engine, asked(uuid4()))
    assert (await sizes(engine))["actions"] == 0

    (answer,), _ = await act(engine, asked(uuid4(), ago=timedelta(minutes=1)))

    assert answer.code == "unknown_leg"
