"""What becomes of an alert when the mail server takes it, refuses it, or goes away: a real server on loopback does each."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from fingerpost_notifier.adapters import mail
from fingerpost_notifier.adapters.book import LEASE, Book
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import CLAIMED_AT_ONCE, RENEW_SECONDS, Sender
from fingerpost_notifier.domain.alerts import Failed, Postponed, Result, Sent
from fingerpost_shared.contracts.events import Code
from tests.unit.notifier.building import alone, an_alert, never
from tests.unit.notifier.sending import DIRECTORY, RETRIES, WORDING, BookInMemory, sent_by
from tests.unit.notifier.smtp_server import (
    CONTENT,
    DATA,
    DAWDLE,
    DROP,
    GREETING,
    IN_GROUPS,
    MAIL,
    ONE_BY_ONE,
    RCPT,
    smtp_server,
)


def is_postponed(result: Result, code: str, seconds: float = RETRIES[0]) -> bool:
    assert isinstance(result, Postponed), result
    wait = result.next_at - datetime.now(UTC)
    return result.code == code and timedelta(seconds=seconds - 20) < wait <= timedelta(seconds=seconds)


async def test_a_server_that_takes_it_ends_the_alert_as_sent():
    async with smtp_server() as server:
        assert await sent_by(server.url, [an_alert()]) == [Sent()]
    assert len(server.contents) == 1


async def test_many_alerts_go_over_one_connection():
    async with smtp_server() as server:
        assert set(await sent_by(server.url, [an_alert(number) for number in range(40)])) == {Sent()}
    assert (server.connections, len(server.contents)) == (1, 40)


async def test_a_sender_that_has_its_hands_full_calls_for_help_and_one_that_has_not_asks_the_book_once():
    calls: list[str] = []
    for count in (CLAIMED_AT_ONCE - 1, CLAIMED_AT_ONCE + 1):
        async with smtp_server() as server:
            mail_server, book = MailServer(server.url, "alerts@csp.example"), BookInMemory([an_alert(number) for number in range(count)])
            await Sender(
                "urgent",
                cast("Book", book),
                mail_server,
                WORDING,
                DIRECTORY,
                "https://console.example",
                RETRIES,
                lambda: calls.append("help"),
                never,
            ).send_due()
            await mail_server.close()
        calls.append(f"{book.claims} claims, {len(server.contents)} sent")
    assert calls == ["1 claims, 31 sent", "help", "2 claims, 33 sent"]


EACH_WAY = pytest.mark.parametrize("way", [{}, IN_GROUPS, ONE_BY_ONE], ids=["in chunks", "in groups", "one by one"])
STEP_BY_STEP = pytest.mark.parametrize("way", [IN_GROUPS, ONE_BY_ONE], ids=["in groups", "one by one"])


@EACH_WAY
@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({RCPT: "450 try later"}, "smtp_450"),
        ({MAIL: "451 try later"}, "smtp_451"),
        ({MAIL: "530 authentication required"}, "smtp_530"),
        ({CONTENT: "452 full"}, "smtp_452"),
        ({GREETING: "421 closing"}, "smtp_421"),
        ({RCPT: "421 closing"}, "smtp_421"),
        ({CONTENT: "421 closing"}, "smtp_421"),
        ({CONTENT: DROP}, "smtp_server_disconnected"),
        ({GREETING: DROP}, "smtp_connect_error"),
        ({GREETING: "554 not to you"}, "smtp_554"),
        ({GREETING: "SSH-2.0-here"}, "smtp_no_mail_server"),
        ({MAIL: "what"}, "smtp_server_disconnected"),
    ],
)
async def test_what_may_pass_is_tried_again_later(answers: dict[str, str], code: str, way: dict[str, str]):
    async with smtp_server({**way, **answers}) as server:
        [result] = await sent_by(server.url, [an_alert()])
    assert is_postponed(result, code), result
    TypeAdapter(Code).validate_python(code)  # or the event that it failed could not be told, nor any after it


@STEP_BY_STEP
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("250 fine", "smtp_250"),
        ("334 go on otherwise", "smtp_334"),
        ("354 go on\r\n250 fine", "smtp_server_disconnected"),
        ("421 closing", "smtp_421"),
    ],
)
async def test_where_content_is_asked_for_first_an_answer_that_is_no_go_ahead_is_none(answer: str, code: str, way: dict[str, str]):
    async with smtp_server({**way, DATA: answer}) as server:
        [result] = await sent_by(server.url, [an_alert()])
    assert is_postponed(result, code), result


@STEP_BY_STEP
async def test_who_will_never_be_asked_for_content_fails_at_once(way: dict[str, str]):
    async with smtp_server({**way, DATA: "550 no such mailbox"}) as server:
        assert await sent_by(server.url, [an_alert()]) == [Failed("smtp_550")]


@EACH_WAY
@pytest.mark.parametrize("step", [RCPT, CONTENT])
async def test_what_the_server_will_never_take_fails_at_once(step: str, way: dict[str, str]):
    async with smtp_server({**way, step: "550 no such mailbox"}) as server:
        assert await sent_by(server.url, [an_alert()]) == [Failed("smtp_550")]


async def test_the_last_attempt_fails_for_good_so_that_somebody_tells_the_agency_another_way():
    async with smtp_server({RCPT: "450 try later"}) as server:
        results = await sent_by(server.url, [an_alert(number, attempts=number) for number in (1, 2, 3)])
    assert is_postponed(results[0], "smtp_450", RETRIES[0])
    assert is_postponed(results[1], "smtp_450", RETRIES[1])
    assert results[2] == Failed("smtp_450")


@EACH_WAY
@pytest.mark.parametrize("step", [RCPT, CONTENT])
async def test_one_mailbox_that_is_refused_holds_up_no_other(step: str, way: dict[str, str]):
    async with smtp_server({**way, step: "550 no such mailbox"}, times=1) as server:
        assert await sent_by(server.url, [an_alert(1), an_alert(2)]) == [Failed("smtp_550"), Sent()]


async def test_a_server_that_is_away_postpones_all_and_is_not_asked_for_each():
    async with smtp_server() as gone:
        url = gone.url
    results = await sent_by(url, [an_alert(number) for number in range(5)])
    assert all(is_postponed(result, "smtp_connect_error") for result in results)

    async with smtp_server({CONTENT: DROP}) as dropping:
        results = await sent_by(dropping.url, [an_alert(number) for number in range(5)])
    assert all(is_postponed(result, "smtp_server_disconnected") for result in results)
    assert dropping.connections == 1


async def test_a_server_whose_name_cannot_be_one_postpones_all_like_one_that_is_away():
    [result] = await sent_by("smtp://mail..example", [an_alert()])
    assert is_postponed(result, "smtp_unicode_error"), result


async def test_a_server_that_came_back_is_used_again():
    async with smtp_server({CONTENT: DROP}, times=1) as server:
        mail_server = MailServer(server.url, "alerts@csp.example")
        book = BookInMemory([an_alert()])
        sender = Sender("urgent", cast("Book", book), mail_server, WORDING, DIRECTORY, "https://console.example", RETRIES, alone, never)
        await sender.send_due()
        assert is_postponed(book.ended[an_alert().id], "smtp_server_disconnected")
        book.queued = [an_alert(attempts=2)]
        await sender.send_due()
        await mail_server.close()
    assert book.ended[an_alert().id] == Sent()


async def test_a_server_that_dawdles_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "SEND_SECONDS", 0.2)
    async with smtp_server({CONTENT: DAWDLE}) as server, asyncio.timeout(10):
        [result] = await sent_by(server.url, [an_alert()])
    assert is_postponed(result, "smtp_timeout"), result


async def test_a_server_that_lets_clients_wait_before_it_greets_is_reached_all_the_same(monkeypatch: pytest.MonkeyPatch):
    assert LEASE.total_seconds() > RENEW_SECONDS + mail.SEND_SECONDS  # or a claim would end while it is being sent
    monkeypatch.setattr(mail, "SEND_SECONDS", 0.9)
    async with smtp_server(seconds=0.2) as server:  # two answers while it connects, and four to the e-mail
        assert await sent_by(server.url, [an_alert()]) == [Sent()]


async def test_nothing_is_claimed_while_a_line_is_being_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "CONNECT_SECONDS", 0.2)
    book = BookInMemory([an_alert()])
    async with smtp_server({GREETING: DAWDLE}) as server:
        mail_server = MailServer(server.url, "alerts@csp.example")
        sender = Sender("urgent", cast("Book", book), mail_server, WORDING, DIRECTORY, "https://console.example", RETRIES, alone, never)
        sending = asyncio.create_task(sender.send_due())
        await asyncio.sleep(0.1)
        assert book.claims == 0
        await sending
    assert is_postponed(book.ended[an_alert().id], "smtp_timeout_error")


@EACH_WAY
async def test_a_sender_that_is_told_to_stop_writes_down_what_it_sent_and_claims_no_more(way: dict[str, str]):
    async with smtp_server(way) as server:
        book = BookInMemory([an_alert(number) for number in range(CLAIMED_AT_ONCE + 1)])
        mail_server = MailServer(server.url, "alerts@csp.example")
        parts = (WORDING, DIRECTORY, "https://console.example", RETRIES, alone)
        await Sender("urgent", cast("Book", book), mail_server, *parts, lambda: len(server.contents) >= 2).send_due()
    assert set(book.ended.values()) == {Sent()}
    assert len(book.ended) == len(server.contents) <= mail.GROUP
    assert len(book.queued) == CLAIMED_AT_ONCE + 1 - len(book.ended)
    assert book.claims == 1


async def test_an_agency_without_a_channel_fails_at_once_and_says_so():
    async with smtp_server() as server:
        assert await sent_by(server.url, [an_alert(agency="nobody_known")]) == [Failed("no_channel")]
        url = server.url
    results = await sent_by(url, [an_alert(1, agency="nobody_known"), an_alert(2)])
    assert results[0] == Failed("no_channel")
    assert is_postponed(results[1], "smtp_connect_error")


async def test_a_line_about_an_alert_has_the_trace_of_its_referral():
    alerts = [an_alert(1), an_alert(2, agency="nobody_known")]
    with capture_logs() as lines:
        await sent_by("smtp://127.0.0.1:1", alerts)
    told = {line["event"]: line["trace"] for line in lines if "alert_id" in line}
    assert told == dict.fromkeys(("alert_not_sent", "alert_without_channel"), alerts[0].referral_id.hex)
