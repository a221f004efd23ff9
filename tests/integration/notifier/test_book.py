"""The notifier's book in the real PostgreSQL, and what a real mail server makes of the alerts in it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters import sender as sender_module
from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.sender import CLAIMED_AT_ONCE, ENOUGH_TO_TELL
from fingerpost_notifier.domain.alerts import Failed, Postponed, Sent, alerts_of
from fingerpost_notifier.handlers import alert_agencies, announce_ended, ended_event
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import AlertSent
from fingerpost_shared.runtime.faults import TryLater
from tests.integration.notifier.booking import a_sender, legs, never_woken, queued, received, rows, send
from tests.unit.notifier.building import NOW, a_leg
from tests.unit.notifier.smtp_server import CONTENT, RCPT, smtp_server


async def test_a_leg_that_is_delivered_again_asks_for_no_second_alert(book: Book, engine: AsyncEngine):
    [leg] = legs(1, "police", "council")
    await queued(book, leg, leg)
    async with smtp_server() as server:
        await send(book, server)
        await queued(book, leg)
        await send(book, server)
    assert [(row.agency, row.state, row.attempts) for row in await rows(engine)] == [("council", "sent", 1), ("police", "sent", 1)]
    assert len(server.contents) == 2


async def test_a_new_alert_goes_out_over_an_open_line_at_once_and_else_a_sender_is_woken(book: Book, engine: AsyncEngine):
    first, second = legs(2, "police", "council")
    wakes: list[str] = []
    async with smtp_server() as server:
        sender = a_sender(book, server)
        await alert_agencies(received(first), book, [sender], lambda: wakes.append("no line is open"))
        assert [row.state for row in await rows(engine)] == ["queued"] * 2
        await sender.send_due()
        events, again = [await alert_agencies(received(second), book, [sender], never_woken) for _delivery in range(2)]
        await sender.server.close()
    assert wakes == ["no line is open"]
    assert events == again
    assert [type(envelope.event).__name__ for envelope in events] == ["AlertSent", "AlertSent"]
    assert [ended.alert.leg_id for ended in await book.unannounced()] == [first.leg_id] * 2
    assert len(server.contents) == 4
    assert [(row.state, row.attempts, row.unseen_attempts) for row in await rows(engine)] == [("sent", 1, 0)] * 4


async def test_a_leg_is_not_settled_while_one_of_its_alerts_is_being_sent_by_another_delivery(book: Book):
    [leg] = legs(1)
    await book.queue([leg], alerts_of(leg, "email"), is_claimed=True)
    with pytest.raises(TryLater):
        await alert_agencies(received(leg), book, [], never_woken)


async def test_a_new_alert_does_not_wait_long_for_a_line_that_is_at_work(book: Book, engine: AsyncEngine):
    first, second, third = legs(3)
    async with smtp_server() as server:
        sender = a_sender(book, server)
        await queued(book, first)
        await sender.send_due()
        server.seconds = 0.1
        at_work = asyncio.create_task(alert_agencies(received(second), book, [sender], never_woken))
        await asyncio.sleep(0.1)
        woken: list[str] = []
        await alert_agencies(received(third), book, [sender], lambda: woken.append("third"))
        assert not at_work.done()
        assert sorted(row.state for row in await rows(engine)) == ["queued", "sending", "sent"]
        assert not sender.takes_new  # a batch that is delivered again is handled leg by leg: each would wait
        await at_work
        await sender.server.close()
    assert woken == ["third"]


async def test_over_a_slow_line_alerts_go_by_way_of_the_book_until_it_is_quick_again(book: Book, engine: AsyncEngine):
    batches = [legs(ENOUGH_TO_TELL) for _ in range(4)]
    woken: list[int] = []
    async with smtp_server() as server:
        sender = a_sender(book, server)
        await sender.server.open()
        for number, (seconds, batch) in enumerate(zip((0.01, 0, 0, 0), batches, strict=True)):
            server.seconds = seconds
            await alert_agencies(received(*batch), book, [sender], lambda number=number: woken.append(number))
            if number in woken:
                await sender.send_due()
        await sender.server.close()
    assert woken == [1]
    assert [row.state for row in await rows(engine)] == ["sent"] * 4 * ENOUGH_TO_TELL


async def test_a_new_alert_takes_turns_with_a_backlog_and_does_not_join_it(
    book: Book, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sender_module, "PATIENCE_SECONDS", 10)
    *backlog, new = legs(3 * CLAIMED_AT_ONCE + 1)
    async with smtp_server() as server:
        sender = a_sender(book, server)
        await queued(book, *backlog)
        at_work = asyncio.create_task(sender.send_due())
        await server.has_content.wait()
        [told] = await alert_agencies(received(new), book, [sender], never_woken)
        assert isinstance(told.event, AlertSent)
        assert not at_work.done()
        await at_work
        await sender.server.close()
    assert [row.state for row in await rows(engine)] == ["sent"] * (len(backlog) + 1)


async def test_what_an_open_line_cannot_deliver_is_tried_again_like_any_other(book: Book, engine: AsyncEngine):
    first, second = legs(2)
    async with smtp_server({CONTENT: "drop"}, spares=1, times=1) as server:
        sender = a_sender(book, server, retry_seconds=(0,))
        await queued(book, first)
        await sender.send_due()
        await alert_agencies(received(second), book, [sender], never_woken)
        assert [(row.state, row.failure) for row in await rows(engine)] == [("sent", None), ("queued", "smtp_server_disconnected")]
        await sender.send_due()
        await sender.server.close()
    assert [(row.state, row.attempts) for row in await rows(engine)] == [("sent", 1), ("sent", 2)]


async def test_senders_that_claim_at_once_never_have_the_same_alert(book: Book):
    await queued(book, *legs(60))
    claims = await asyncio.gather(*(book.claim("urgent", 16) for _ in range(6)))
    claimed = [alert.id for claim in claims for alert in claim]
    assert len(claimed) == len(set(claimed)) == 60


async def test_an_alert_of_the_other_lane_is_left_to_its_own_sender(book: Book):
    await queued(book, a_leg(lane="routine"))
    assert await book.claim("urgent", 16) == []
    assert len(await book.claim("routine", 16)) == 2


async def test_what_a_dead_sender_had_claimed_is_claimed_again_and_counted_as_perhaps_sent_twice(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1))
    [claimed] = await book.claim("urgent", 16)
    assert await book.claim("urgent", 16) == []
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alerts SET next_at = now() - interval '1 second'")
    [again] = await book.claim("urgent", 16)
    [row] = await rows(engine)
    assert again.id == claimed.id
    assert (row.attempts, row.unseen_attempts) == (2, 1)


async def test_a_sender_that_comes_too_late_does_not_queue_again_what_another_has_sent(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1))
    [alert] = await book.claim("urgent", 16)
    assert [ended.alert for ended in await book.settle([(alert, Sent())], is_told=True)] == [alert]
    assert await book.settle([(alert, Postponed(NOW, "smtp_timeout"))], is_told=True) == []
    assert await book.settle([(alert, Failed("smtp_550"))], is_told=True) == []
    [row] = await rows(engine)
    assert (row.state, row.failure) == ("sent", None)


async def test_a_sender_that_comes_too_late_does_not_free_what_another_sends_but_what_it_sent_is_sent(book: Book, engine: AsyncEngine):
    [leg] = legs(1)
    [late] = await book.queue([leg], alerts_of(leg, "email"), is_claimed=True)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alerts SET next_at = now() - interval '1 second'")
    [other] = await book.claim("urgent", 16)
    for result in (Postponed(NOW, "smtp_timeout"), Failed("smtp_550")):
        assert await book.settle([(late, result)], is_told=True) == []
    await book.release([late])
    assert await book.claim("urgent", 16) == []

    [ended] = await book.settle([(late, Sent())], is_told=True)
    assert (ended.alert.id, ended.alert.attempts) == (other.id, 2)
    assert await book.settle([(other, Sent())], is_told=False) == []
    assert await alert_agencies(received(leg), book, [], never_woken) == [ended_event(ended)]


async def test_what_was_claimed_and_not_begun_is_given_back_as_if_it_had_not_been_claimed(book: Book, engine: AsyncEngine):
    await queued(book, *legs(2))
    first, second = await book.claim("urgent", 16)
    await book.release([second])
    assert [(row.state, row.attempts) for row in sorted(await rows(engine), key=lambda row: row.id != first.id)] == [
        ("sending", 1),
        ("queued", 0),
    ]
    [again] = await book.claim("urgent", 16)
    assert (again.id, again.attempts) == (second.id, 1)


async def test_what_is_due_has_its_turn_though_new_alerts_keep_a_line_at_work(book: Book, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sender_module, "PATIENCE_SECONDS", 10)
    first, second, third = legs(3)
    async with smtp_server(seconds=0.05) as server:
        sender = a_sender(book, server)
        await sender.server.open()
        await queued(book, first)
        at_work = asyncio.create_task(alert_agencies(received(second), book, [sender], never_woken))
        await asyncio.sleep(0.02)
        due = asyncio.create_task(sender.send_due())
        await asyncio.sleep(0.02)
        await alert_agencies(received(third), book, [sender], never_woken)
        await asyncio.gather(at_work, due)
        await sender.server.close()
    in_turns = [str(alert.id) for leg in (second, first, third) for alert in alerts_of(leg, "email")]
    assert len(server.contents) == len(in_turns)
    assert all(identity.encode() in content for identity, content in zip(in_turns, server.contents, strict=True))


@pytest.mark.parametrize(
    ("answers", "state", "failure"),
    [
        ({}, "sent", None),
        ({RCPT: "550 no such mailbox"}, "failed", "smtp_550"),
        ({RCPT: "450 later"}, "queued", "smtp_450"),
        ({CONTENT: "421 closing"}, "queued", "smtp_421"),
        ({CONTENT: "drop"}, "queued", "smtp_server_disconnected"),
    ],
)
async def test_each_answer_of_a_mail_server_has_its_state(
    book: Book, engine: AsyncEngine, answers: dict[str, str], state: str, failure: str | None
):
    await queued(book, *legs(1))
    async with smtp_server(answers) as server:
        await send(book, server)
    [row] = await rows(engine)
    assert (row.state, row.failure, row.attempts) == (state, failure, 1)
    assert (row.ended_at is None) == (state == "queued")


async def test_attempts_end_and_the_alert_then_says_that_it_failed(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1))
    async with smtp_server({RCPT: "450 later"}) as server:
        for _ in range(4):
            await send(book, server, retry_seconds=(0, 0))
    [row] = await rows(engine)
    assert (row.state, row.failure, row.attempts) == ("failed", "smtp_450", 3)


async def test_what_became_of_an_alert_is_told_until_it_is_heard_and_then_no_more(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1, "police", "nobody_known"))
    async with smtp_server() as server:
        await send(book, server)
    told: list[Envelope] = []

    async def publish_nothing(_events: Sequence[Envelope]) -> None:
        raise ConnectionError

    async def publish(events: Sequence[Envelope]) -> None:
        told.extend(events)

    with pytest.raises(ConnectionError):
        await announce_ended(book, publish_nothing)
    await announce_ended(book, publish)
    await announce_ended(book, publish)

    assert sorted(type(envelope.event).__name__ for envelope in told) == ["AlertFailed", "AlertSent"]
    assert len({envelope.id for envelope in told}) == 2
    assert {UUID(str(row.id)) for row in await rows(engine)} == {envelope.event.alert_id for envelope in told}  # type: ignore[attr-defined]
