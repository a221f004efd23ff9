"""A mail server that is away: one line tries it for all, an operator is told now and then, and what waits is counted."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import cast

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from fingerpost_notifier.adapters import outage as outage_module
from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import MailServer, NotSent
from fingerpost_notifier.adapters.outage import HEARD_SECONDS, LAST_TELLING_SECONDS, TRY_SECONDS, Outage
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.alerts import Failed, Postponed, Result, Sent
from tests.unit.notifier.building import alone, an_alert, never
from tests.unit.notifier.sending import DIRECTORY, RETRIES, WORDING, BookInMemory, sent_by
from tests.unit.notifier.smtp_server import CONTENT, DATA, DROP, EHLO, IN_GROUPS, MAIL, RCPT, smtp_server

AWAY = NotSent("smtp_connect_error", is_final=False, is_about_server=True, is_by_server=True)


class Clock:
    """The monotonic clock of the module, which goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(outage_module, "time", clock)
    return clock


class Line:
    """A line to a server that answers as it is told, after the loop's other turns."""

    def __init__(self, *answers: NotSent | None) -> None:
        self.answers = list(answers)
        self.tries = 0

    async def open(self) -> NotSent | None:
        self.tries += 1
        await asyncio.sleep(0)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Waiting:
    """A book in which alerts wait for the mail server."""

    def __init__(self, **lanes: int) -> None:
        self.lanes = lanes
        self.hastened = 0

    async def waiting_for_server(self) -> dict[str, int]:
        return self.lanes

    async def hasten(self) -> None:
        self.hastened += 1


async def opened(outage: Outage, line: Line, book: Waiting) -> NotSent | None:
    return await outage.open(cast("MailServer", line), cast("Book", book))


async def test_while_the_server_is_away_one_line_tries_it_and_the_others_hear_what_came_of_that(clock: Clock):
    outage, book, lines = Outage(), Waiting(), [Line(AWAY) for _ in range(6)]
    assert await opened(outage, lines[0], book) == AWAY
    clock.now += HEARD_SECONDS
    assert await asyncio.gather(*(opened(outage, line, book) for line in lines)) == [AWAY] * 6
    assert sum(line.tries for line in lines) == 2
    clock.now += HEARD_SECONDS
    for line in lines:
        line.answers = [None]
    assert await asyncio.gather(*(opened(outage, line, book) for line in lines)) == [None] * 6
    assert book.hastened == 1


async def test_what_waits_is_hastened_once_when_the_server_is_back_and_at_the_start(clock: Clock):
    outage, book, line = Outage(), Waiting(), Line(None, None, AWAY, None)
    for hastened in (1, 1, 1, 2):
        clock.now += HEARD_SECONDS
        await opened(outage, line, book)
        assert book.hastened == hastened


async def test_a_server_that_is_away_is_tried_now_and_then_though_nothing_is_due(clock: Clock):
    outage, book = Outage(), Waiting(urgent=1)
    assert not outage.wants_try
    await outage.measure(cast("Book", book))
    assert outage.wants_try
    await opened(outage, Line(AWAY), book)
    assert not outage.wants_try
    clock.now += TRY_SECONDS
    assert outage.wants_try
    await opened(outage, Line(None), book)
    book.lanes = {}
    await outage.measure(cast("Book", book))
    clock.now += TRY_SECONDS
    assert not outage.wants_try


async def test_an_operator_is_told_at_once_and_again_after_growing_pauses(clock: Clock):
    outage = Outage()
    with capture_logs() as lines:
        for _second in range(2 * 3600):
            outage.began("smtp_connect_error")
            clock.now += 1
        outage.ended()
        outage.ended()
    told = [line["seconds"] for line in lines if line["event"] == "mail_server_away"]
    pauses = [later - earlier for earlier, later in pairwise(told)]
    assert told[0] == 0
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (30, LAST_TELLING_SECONDS)
    assert [line["seconds"] for line in lines if line["event"] == "mail_server_back"] == [2 * 3600]


async def test_an_operator_sees_how_many_alerts_of_each_lane_wait_for_the_server():
    def shown(lane: str) -> float | None:
        return REGISTRY.get_sample_value("fingerpost_alerts_waiting_for_mail_server", {"service": "notifier", "lane": lane})

    outage = Outage()
    await outage.measure(cast("Book", Waiting(urgent=2, routine=3)))
    assert (shown("urgent"), shown("routine"), outage.waiting) == (2, 3, 5)
    await outage.measure(cast("Book", Waiting()))
    assert (shown("urgent"), shown("routine"), outage.waiting) == (0, 0, 0)


@pytest.mark.parametrize(
    "answers",
    [{EHLO: "421 closing"}, {RCPT: "421 closing"}, {DATA: DROP, **IN_GROUPS}, {MAIL: "452 full"}],
    ids=lambda answers: "/".join(answers),
)
async def test_a_fault_of_the_server_itself_is_never_the_last_attempt(answers: dict[str, str]):
    async with smtp_server(answers) as server:
        [result] = await sent_by(server.url, [an_alert(attempts=100)])
    assert isinstance(result, Postponed)
    assert result.is_by_server


async def test_what_the_server_let_fail_uses_up_no_attempt_of_an_e_mail_that_is_refused_afterwards():
    faulted = [replace(an_alert(number, attempts=100), server_faults=faults) for number, faults in enumerate((99, 98, 97))]
    async with smtp_server({RCPT: "450 later"}) as server:
        results = await sent_by(server.url, faulted)
    assert [isinstance(result, Postponed) and not result.is_by_server for result in results] == [True, True, False]
    assert results[2] == Failed("smtp_450")


@pytest.mark.parametrize(
    ("answers", "in_doubt"),
    [
        ({CONTENT: DROP}, [True, True]),  # said in one piece: the second too
        ({CONTENT: DROP, **IN_GROUPS}, [True, False]),
        ({RCPT: DROP, **IN_GROUPS}, [False, False]),
        ({CONTENT: "421 closing"}, [False, False]),
    ],
    ids=["in chunks", "step by step", "before its content", "closing"],
)
async def test_what_may_have_been_taken_all_the_same_is_told_apart(answers: dict[str, str], in_doubt: list[bool]):
    async with smtp_server(answers, spares=1) as server:
        sent, *rest = await sent_by(server.url, [an_alert(number) for number in range(3)])
    assert sent == Sent()
    assert [_may_be_sent(result) for result in rest] == in_doubt


async def test_what_may_have_been_taken_time_after_time_is_not_sent_without_end():
    tries = len(RETRIES) + 1
    async with smtp_server({CONTENT: DROP, **IN_GROUPS}) as server:
        [early] = await sent_by(server.url, [an_alert(1, attempts=tries - 1)])
        [late] = await sent_by(server.url, [an_alert(1, attempts=tries)])
    assert isinstance(early, Postponed)
    assert (early.may_be_sent, early.is_by_server) == (True, False)
    assert isinstance(late, Failed)


async def test_an_e_mail_at_which_the_server_hangs_up_is_due_after_the_others():
    async with smtp_server({RCPT: DROP, **IN_GROUPS}, times=1) as server:
        at_it, *others = await sent_by(server.url, [an_alert(number) for number in range(3)])
    assert isinstance(at_it, Postponed)
    assert all(isinstance(other, Postponed) and other.next_at < at_it.next_at for other in others)


async def test_an_alert_is_logged_once_and_not_at_each_try_of_a_server_that_is_away():
    again = replace(an_alert(2, attempts=2), server_faults=1)
    book, server = BookInMemory([an_alert(1), again]), MailServer("smtp://127.0.0.1:1", "alerts@csp.example")
    with capture_logs() as lines:
        await Sender("urgent", cast("Book", book), server, WORDING, DIRECTORY, "https://c.example", RETRIES, alone, never).send_due()
    assert [line.get("alert_id") for line in lines] == [None, str(an_alert(1).id)]


def _may_be_sent(result: Result) -> bool:
    assert isinstance(result, Postponed)
    return result.may_be_sent
