"""What the lines of one process know together of a mail server that is away: who tries it, and when an operator is told again."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from fingerpost_shared.contracts.events import LANES
from fingerpost_shared.runtime.metrics import WAITING_ALERTS

if TYPE_CHECKING:
    from fingerpost_notifier.adapters.book import Book
    from fingerpost_notifier.adapters.mail import MailServer, NotSent

HEARD_SECONDS = 1.0  # what one line heard of a server that is away holds so long for all
TRY_SECONDS = 15.0  # so often a line tries a server that is away, though nothing is due
FIRST_TELLING_SECONDS = 30.0
LAST_TELLING_SECONDS = 900.0

log = structlog.get_logger()


@dataclass
class Outage:
    """Begins with a fault of the mail server itself, and ends once it answers to an e-mail again. One for all lines of a process."""

    waiting: int = 0
    _holds_back: bool = True  # alerts may wait out a pause though a line can be opened: from the start, for another process's may
    _fault: "NotSent | None" = None  # of the last line that was tried
    _tried_at: float = float("-inf")
    _began_at: float | None = None
    _tell_at: float = 0.0
    _telling_seconds: float = FIRST_TELLING_SECONDS
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def wants_try(self) -> bool:
        """Whether a line should try the server, so that nothing waits out a long pause once it is back."""
        return (self._is_away or self.waiting > 0) and time.monotonic() >= self._tried_at + TRY_SECONDS

    @property
    def _is_away(self) -> bool:
        return self._fault is not None

    async def open(self, server: "MailServer", book: "Book") -> "NotSent | None":
        """Open a line, or say why it cannot be. While the server is away one line tries it, and the others hear what came of that.

        Once it is back, what waits for it in the book is due at once.
        """
        if self._is_away:
            async with self._turn:
                if self._is_away and time.monotonic() >= self._tried_at + HEARD_SECONDS:
                    await self._try(server)
        fault = self._fault or await self._try(server)
        if fault is None and self._holds_back:
            self._holds_back = False
            try:
                await book.hasten()
            except Exception:
                self._holds_back = True  # the next line that opens sees to it
                raise
        return fault

    async def _try(self, server: "MailServer") -> "NotSent | None":
        self._tried_at = time.monotonic()  # or others would line up to try
        self._fault = await server.open()
        self._tried_at = time.monotonic()
        if self._fault is not None:
            self._holds_back = True
            self.began(self._fault.code)
        return self._fault

    def began(self, code: str) -> None:
        """The server itself kept e-mails from being sent. A warning tells of it at once, and again after growing pauses."""
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = self._tell_at = now
            self._telling_seconds = FIRST_TELLING_SECONDS
        if now >= self._tell_at:
            log.warning("mail_server_away", code=code, seconds=round(now - self._began_at), count=self.waiting)
            self._tell_at = now + self._telling_seconds
            self._telling_seconds = min(self._telling_seconds * 2, LAST_TELLING_SECONDS)

    def ended(self) -> None:
        """The server answered to an e-mail: it is there."""
        if self._began_at is not None:
            log.info("mail_server_back", seconds=round(time.monotonic() - self._began_at))
            self._began_at = None

    async def measure(self, book: "Book") -> None:
        """Count the alerts that wait for the server, by the notifier's book, for operators."""
        waiting = await book.waiting_for_server()
        for lane in LANES:
            WAITING_ALERTS.labels("notifier", lane).set(waiting.get(lane, 0))
        self.waiting = sum(waiting.values())
