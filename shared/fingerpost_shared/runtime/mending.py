"""Puts back what a stream lost: compares a book with the next one, and publishes again what is missing there."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.runtime import metrics
from fingerpost_shared.runtime.digests import Asks, BookName, lacking
from fingerpost_shared.runtime.service import Service

INTERVAL_SECONDS = 15.0
SETTLED = timedelta(seconds=5)
RECENT = timedelta(hours=1)
FAR = timedelta(days=7)
LONG_BACKLOG = 2_000  # every entry of it would be listed as missing
ROUNDS_BETWEEN_FAR = 3  # and the next one follows at once, so that whatever the age, what is lost is back within a minute (I16)

log = structlog.get_logger()


class Mender:
    """Mends one stream from one book: an entry was lost when the next service has dealt with all that was in the stream after the entry
    was first missed, and misses it still. A steady flow is no obstacle; while much waits to be taken, it is waited for.
    """

    def __init__(
        self, service: Service, book: BookName, next_service: str, mine: Asks, events: Callable[[Sequence[str]], Awaitable[list[Envelope]]]
    ) -> None:
        self._service, self._next, self._mine, self._events = service, next_service, mine, events
        self._book: BookName = book
        # the entries that were missing last time, each with the stream's newest message when it was first missed
        self._suspects: dict[str, int] = {}
        self._round = 0
        self._has_far_suspects = False

    async def mend(self) -> None:
        """One round. The ids in the bodies are unchanged, so the receiver knows what it has already."""
        looks_far = self._has_far_suspects or self._round % ROUNDS_BETWEEN_FAR == 0
        self._round += 1
        end = datetime.now(UTC) - SETTLED
        probe = DigestQuery(book=self._book, start=end, end=end, step="day")
        before = await self._theirs(probe)
        if before.pending > LONG_BACKLOG:
            return
        far = await lacking(self._mine, self._theirs, self._book, end - FAR, end - RECENT) if looks_far else []
        missing = [*far, *await lacking(self._mine, self._theirs, self._book, end - RECENT, end)]
        lost = sorted(entry for entry in missing if entry in self._suspects and self._suspects[entry] <= before.floor)
        self._has_far_suspects = not set(far).issubset(lost)
        head = (await self._theirs(probe)).head
        # a stream that was made anew counts from one again
        self._suspects = {entry: min(self._suspects.get(entry, head), head) for entry in missing if entry not in lost}
        if lost:
            await self._service.publisher.publish_again(await self._events(lost))
            metrics.MENDED.labels(self._service.name, self._book).inc(len(lost))
            log.warning("stream_mended", book=self._book, count=len(lost))

    async def _theirs(self, query: DigestQuery) -> DigestAnswer:
        return await self._service.ask(query, self._next)
