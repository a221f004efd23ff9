"""A mail server that is away, for however long: what waits for it is sent once it is back, and an operator can see it wait."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters import outage as outage_module
from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.outage import Outage
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.alerts import Postponed
from tests.integration.notifier.booking import DIRECTORY, WORDING, legs, queued, rows, send
from tests.unit.notifier.building import NOW, a_leg, alone, never
from tests.unit.notifier.smtp_server import CONTENT, DROP, RCPT, smtp_server

AT_ONCE = (0.0, 0.0)
AN_HOUR = (3600.0,)
NOBODY_LISTENS = "smtp://127.0.0.1:1"


def a_sender(book: Book, url: str, outage: Outage, retry_seconds: tuple[float, ...], lane: str = "urgent") -> Sender:
    server = MailServer(url, "alerts@csp.example")
    return Sender(lane, book, server, WORDING, DIRECTORY, "https://console.example", retry_seconds, alone, never, outage)


async def test_a_server_that_is_away_for_longer_than_all_pauses_fails_no_alert(book: Book, engine: AsyncEngine):
    await queued(book, *legs(2))
    away = a_sender(book, NOBODY_LISTENS, Outage(), AT_ONCE)
    for _ in range(10):
        await away.send_due()
    assert [(row.state, row.server_faults, row.failure) for row in await rows(engine)] == [("queued", 10, "smtp_connect_error")] * 2
    assert await book.waiting_for_server() == {"urgent": 2}
    async with smtp_server() as server:
        await send(book, server)
    assert [(row.state, row.attempts, row.unseen_attempts) for row in await rows(engine)] == [("sent", 11, 0)] * 2
    assert await book.waiting_for_server() == {}


async def test_attempts_of_a_refused_e_mail_are_bounded_and_an_outage_uses_up_none(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1))
    away = a_sender(book, NOBODY_LISTENS, Outage(), AT_ONCE)
    states: list[str] = []
    async with smtp_server({RCPT: "450 later"}) as server:
        for _ in range(len(AT_ONCE) + 1):
            for _ in range(5):
                await away.send_due()
            await send(book, server, AT_ONCE)
            states += [row.state for row in await rows(engine)]
    assert states == ["queued", "queued", "failed"]


async def test_once_a_line_opens_what_waits_for_the_server_is_due_whatever_is_left_of_its_pause(
    book: Book, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outage_module, "HEARD_SECONDS", 0)
    monkeypatch.setattr(outage_module, "TRY_SECONDS", 0)
    outage = Outage()
    [refused] = legs(1, "refused_agency")
    await queued(book, refused)
    [alert] = await book.claim("urgent", 16)
    await book.settle([(alert, Postponed(NOW.replace(year=2100), "smtp_450"))], is_told=False)
    await queued(book, a_leg(leg_id=uuid4(), alert=("police",)), a_leg(leg_id=uuid4(), alert=("council",), lane="routine"))
    for lane in ("urgent", "routine"):
        await a_sender(book, NOBODY_LISTENS, outage, AN_HOUR, lane).send_due()
    assert await book.waiting_for_server() == {"urgent": 1, "routine": 1}
    async with smtp_server() as server:
        for lane in ("routine", "urgent"):  # the first tries it for both
            sender = a_sender(book, server.url, outage, AN_HOUR, lane)
            await sender.send_due()
            await sender.server.close()
    states = {row.agency: (row.state, row.attempts) for row in await rows(engine)}
    assert states == {"police": ("sent", 2), "council": ("sent", 2), "refused_agency": ("queued", 1)}


async def test_what_was_refused_for_its_own_sake_too_waits_out_its_pause_though_the_server_is_back(book: Book, engine: AsyncEngine):
    await queued(book, *legs(1))
    past, later = NOW.replace(year=2000), NOW.replace(year=2100)
    for result in (Postponed(past, "smtp_connect_error", is_by_server=True), Postponed(later, "smtp_450")):
        [alert] = await book.claim("urgent", 16)
        await book.settle([(alert, result)], is_told=False)

    await book.hasten()

    assert await book.waiting_for_server() == {"urgent": 1}
    assert await book.claim("urgent", 16) == []


async def test_what_may_have_been_taken_is_counted_as_perhaps_sent_twice(book: Book, engine: AsyncEngine):
    await queued(book, *legs(3))
    async with smtp_server({CONTENT: DROP}, spares=1, times=1) as server:
        await send(book, server, AT_ONCE)
        assert sorted((row.state, row.unseen_attempts) for row in await rows(engine)) == [("queued", 1), ("queued", 1), ("sent", 0)]
        await send(book, server, AT_ONCE)
    assert [row.state for row in await rows(engine)] == ["sent"] * 3
