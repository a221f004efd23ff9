"""Legs, their alerts in the book, and senders, for the tests of the notifier on a real PostgreSQL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_notifier.handlers import alert_agencies
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.envelope import Received
from fingerpost_shared.contracts.events import LegRouted
from tests.unit.notifier.building import NOW, a_leg, alone, never
from tests.unit.notifier.smtp_server import SmtpServer

HEREFORDSHIRE = Path("config/herefordshire")
DIRECTORY = read_directory(HEREFORDSHIRE / "directory.yaml")
WORDING = read_wording(HEREFORDSHIRE / "messages")


def received(*legs: LegRouted) -> list[Received[LegRouted]]:
    return [Received(leg, str(uuid4()), "/router", leg.subject, lambda: NOW) for leg in legs]


def legs(count: int, *agencies: str) -> list[LegRouted]:
    return [a_leg(leg_id=uuid4(), alert=agencies or ("police",)) for _ in range(count)]


async def queued(book: Book, *wanted: LegRouted) -> None:
    """The alerts of these legs wait for a sender: none has an open line."""
    await alert_agencies(received(*wanted), book, [], lambda: None)


async def rows(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.exec_driver_sql("SELECT * FROM alerts ORDER BY queued_at, agency")).all())


async def send(book: Book, server: SmtpServer, retry_seconds: Sequence[float] = (3600,), lane: str = "urgent") -> None:
    """One turn of a sender."""
    sender = a_sender(book, server, retry_seconds, lane)
    await sender.send_due()
    await sender.server.close()


def a_sender(book: Book, server: SmtpServer, retry_seconds: Sequence[float] = (3600,), lane: str = "urgent") -> Sender:
    mail_server = MailServer(server.url, "alerts@csp.example")
    return Sender(lane, book, mail_server, WORDING, DIRECTORY, "https://console.example", retry_seconds, alone, never)


def never_woken() -> None:
    raise AssertionError("a sender was woken though a line was open and soon free")
