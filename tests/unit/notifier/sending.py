"""A sender with a book in memory, for the tests of what becomes of alerts and of what leaves in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from uuid import UUID

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.alerts import Alert, Ended, Result
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_shared.contracts.directory import read_directory
from tests.unit.notifier.building import alone, never

HEREFORDSHIRE = Path("config/herefordshire")
DIRECTORY = read_directory(HEREFORDSHIRE / "directory.yaml")
WORDING = read_wording(HEREFORDSHIRE / "messages")
RETRIES = (5.0, 30.0)


@dataclass
class BookInMemory:
    """Hands out what is queued once, and keeps what became of it."""

    queued: list[Alert]
    claims: int = 0
    ended: dict[UUID, Result] = field(default_factory=dict[UUID, Result])

    async def is_due(self, _lane: str) -> bool:
        return bool(self.queued)

    async def claim(self, _lane: str, most: int) -> list[Alert]:
        self.claims += 1
        claimed, self.queued = self.queued[:most], self.queued[most:]
        return claimed

    async def hasten(self) -> None:
        """Nothing waits here."""

    async def renew(self, _claimed: Sequence[UUID]) -> None:
        """Nobody else claims here."""

    async def release(self, untried: Sequence[Alert]) -> None:
        self.queued = [*untried, *self.queued]

    async def settle(self, results: Sequence[tuple[Alert, Result]], *, is_told: bool) -> list[Ended]:
        assert not is_told
        self.ended |= {alert.id: result for alert, result in results}
        return []


async def sent_by(url: str, alerts: Sequence[Alert], console_url: str = "https://console.example/") -> list[Result]:
    """What becomes of the alerts when they are sent to this server."""
    book, server = BookInMemory(list(alerts)), MailServer(url, "alerts@csp.example")
    sender = Sender("urgent", cast("Book", book), server, WORDING, DIRECTORY, console_url, RETRIES, alone, never)
    await sender.send_due()
    await server.close()
    return [book.ended[alert.id] for alert in alerts]
