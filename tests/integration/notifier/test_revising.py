"""An alert that is not sent yet says what the newest version of its leg says, and goes by its lane."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.domain.alerts import Postponed, Sent, alerts_of
from fingerpost_notifier.handlers import alert_agencies
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.faults import TryLater
from tests.integration.notifier.booking import a_sender, queued, received, rows, send
from tests.unit.notifier.building import NOW, a_leg
from tests.unit.notifier.smtp_server import smtp_server


def two_versions(**parts: Any) -> tuple[LegRouted, LegRouted]:
    """A routine leg, and the same when it has become urgent."""
    first = a_leg(leg_id=uuid4(), band="P4", lane="routine", alert=("council",))
    return first, first.model_copy(update={"version": 2, "band": "P1", "lane": "urgent", **parts})


async def shown(engine: AsyncEngine) -> list[tuple[str, str, str, str]]:
    return [(row.agency, row.lane, row.band, row.state) for row in await rows(engine)]


async def test_what_is_queued_turns_urgent_with_its_leg_and_says_so(book: Book, engine: AsyncEngine):
    first, second = two_versions(alert=("council", "police"))
    await queued(book, first)
    await queued(book, second)
    assert sorted(await shown(engine)) == [("council", "urgent", "P1", "queued"), ("police", "urgent", "P1", "queued")]
    async with smtp_server() as server:
        await send(book, server, lane="routine")
        assert server.contents == []
        await send(book, server)
    assert [b"P1" in content and b"P4" not in content for content in server.contents] == [True, True]


async def test_what_waits_out_a_pause_is_due_at_once_when_it_turns_urgent_and_a_sender_is_woken(book: Book):
    first, second = two_versions()
    await queued(book, first)
    [alert] = await book.claim("routine", 16)
    await book.settle([(alert, Postponed(NOW.replace(year=2100), "smtp_450"))], is_told=False)
    woken: list[str] = []
    await alert_agencies(received(second), book, [], lambda: woken.append("urgent"))
    assert woken == ["urgent"]
    assert [(alert.lane, alert.band, alert.attempts) for alert in await book.claim("urgent", 16)] == [("urgent", "P1", 2)]


async def test_what_becomes_less_urgent_does_not_go_out_before_its_time(book: Book, engine: AsyncEngine):
    first, _ = two_versions()
    graver = first.model_copy(update={"band": "P2", "lane": "urgent"})
    await queued(book, graver)
    [alert] = await book.claim("urgent", 16)
    await book.settle([(alert, Postponed(NOW.replace(year=2100), "smtp_450"))], is_told=False)
    await queued(book, graver.model_copy(update={"version": 2, "band": "P4", "lane": "routine"}))
    assert await shown(engine) == [("council", "routine", "P4", "queued")]
    assert await book.claim("routine", 16) == []


async def test_an_agency_that_the_newer_version_does_not_name_hears_of_its_band_all_the_same(book: Book, engine: AsyncEngine):
    first, second = two_versions(alert=())
    await queued(book, first)
    await queued(book, second)
    assert await shown(engine) == [("council", "urgent", "P1", "queued")]


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_a_version_that_comes_too_late_changes_nothing(book: Book, engine: AsyncEngine, is_one_batch: bool):
    first, second = two_versions()
    third = second.model_copy(update={"version": 3, "band": "P2"})
    for batch in [(third, second, first)] if is_one_batch else [(third,), (second,), (first,)]:
        await queued(book, *batch)
    assert await shown(engine) == [("council", "urgent", "P2", "queued")]


async def test_what_was_sent_stays_as_it_was_sent_and_goes_out_no_second_time(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    async with smtp_server() as server:
        await queued(book, first)
        await send(book, server, lane="routine")
        await queued(book, second)
        await send(book, server)
        await send(book, server, lane="routine")
    assert await shown(engine) == [("council", "routine", "P4", "sent")]
    assert len(server.contents) == 1


async def test_what_is_being_sent_is_revised_once_it_comes_back_unsent(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    await queued(book, first)
    [alert] = await book.claim("routine", 16)
    with pytest.raises(TryLater):
        await queued(book, second)
    assert await shown(engine) == [("council", "routine", "P4", "sending")]
    await book.settle([(alert, Postponed(NOW, "smtp_450"))], is_told=False)
    await queued(book, second)
    assert await shown(engine) == [("council", "urgent", "P1", "queued")]


async def test_what_is_being_sent_and_has_gone_stays_as_it_went(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    await queued(book, first)
    [alert] = await book.claim("routine", 16)
    with pytest.raises(TryLater):
        await queued(book, second)
    await book.settle([(alert, Sent())], is_told=True)
    [told] = await alert_agencies(received(second), book, [], lambda: None)
    assert told.event.about == first.referral_id
    assert await shown(engine) == [("council", "routine", "P4", "sent")]


async def test_what_a_dead_sender_had_claimed_is_revised_once_its_lease_has_ended(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    await queued(book, first)
    await book.claim("routine", 16)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alerts SET next_at = now() - interval '1 second'")
    with pytest.raises(TryLater):  # it may have been sent
        await queued(book, second)
    [again] = await book.claim("urgent", 16)
    assert (again.band, again.attempts) == ("P1", 2)


async def test_what_is_claimed_just_then_is_seen_as_claimed(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    await queued(book, first)
    await book.queue([second], alerts_of(second, "email"), is_claimed=False)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alerts SET state = 'sending', attempts = 1, next_at = now() + interval '30 seconds'")
        revising = asyncio.create_task(book.revise([second]))
        await asyncio.sleep(0.3)
        assert not revising.done()
    with pytest.raises(TryLater):
        assert not await revising
    assert await shown(engine) == [("council", "routine", "P4", "sending")]


async def test_a_newer_version_that_is_saved_just_then_has_the_last_word(book: Book, engine: AsyncEngine):
    first, second = two_versions()
    await queued(book, first)
    await book.queue([second], alerts_of(second, "email"), is_claimed=False)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE legs SET version = 3")
        await connection.exec_driver_sql("UPDATE alerts SET lane = 'urgent', band = 'P2'")
        revising = asyncio.create_task(book.revise([second]))
        await asyncio.sleep(0.3)
        assert not revising.done()
    assert not await revising
    assert await shown(engine) == [("council", "urgent", "P2", "queued")]


async def test_a_new_alert_of_a_leg_that_is_updated_goes_out_at_once_with_what_waited(book: Book, engine: AsyncEngine):
    first, second = two_versions(alert=("council", "police"))
    await queued(book, first)
    async with smtp_server() as server:
        sender = a_sender(book, server)
        await sender.server.open()
        [told] = await alert_agencies(received(second), book, [sender], lambda: None)
        await sender.send_due()
        await sender.server.close()
    assert told.event.about == first.referral_id
    assert sorted(await shown(engine)) == [("council", "urgent", "P1", "sent"), ("police", "urgent", "P1", "sent")]
