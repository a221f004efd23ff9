"""The queues as the Today page shows them: what is overdue first, what waits next, what is quiet last."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from fingerpost_shared.contracts.queries.router import QueueView

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Totals:
    """All queues together."""

    open: int
    owned: int
    overdue: int

    @property
    def sentence(self) -> str:
        """`5 waiting, 1 overdue, 12 owned`."""
        return f"{self.open:,} waiting, {self.overdue:,} overdue, {self.owned:,} owned"


@dataclass(frozen=True)
class Overview:
    """The queues in groups; a queue is in one of them."""

    overdue: tuple[QueueView, ...]
    waiting: tuple[QueueView, ...]
    quiet: tuple[QueueView, ...]
    totals: Totals


def overview(queues: Iterable[QueueView], destinations: Iterable[str]) -> Overview:
    """Group and sort: in a group the most urgent open band comes first, then the longest waiting. A queue never used is quiet."""
    known = {queue.destination: queue for queue in queues}
    every = [*known.values(), *(_empty(destination) for destination in destinations if destination not in known)]
    overdue = [queue for queue in every if queue.overdue]
    waiting = [queue for queue in every if queue.open and not queue.overdue]
    quiet = [queue for queue in every if not queue.open and not queue.overdue]
    return Overview(
        tuple(sorted(overdue, key=_urgency)),
        tuple(sorted(waiting, key=_urgency)),
        tuple(sorted(quiet, key=lambda queue: (-queue.owned, queue.destination))),
        totals(every),
    )


def totals(queues: Iterable[QueueView]) -> Totals:
    """The sums over these queues."""
    every = tuple(queues)
    return Totals(sum(queue.open for queue in every), sum(queue.owned for queue in every), sum(queue.overdue for queue in every))


def bands(queue: QueueView) -> list[tuple[str, int]]:
    """The bands that wait in a queue and how many of each, the most urgent first."""
    return sorted((band, count) for band, count in queue.open_by_band.items() if count)


@dataclass(frozen=True)
class Seen:
    """What a page showed of the queues, so that a later look can tell what is new."""

    totals: Totals
    fingerprint: str

    def written(self) -> str:
        """As part of an address: `5.12.1.0f3a9b7c`."""
        return f"{self.totals.open}.{self.totals.owned}.{self.totals.overdue}.{self.fingerprint}"


def seen(queues: Iterable[QueueView]) -> Seen:
    """What there is to see of these queues now."""
    every = sorted(queues, key=lambda queue: queue.destination)
    digest = hashlib.sha256("".join(queue.model_dump_json() for queue in every).encode()).hexdigest()
    return Seen(totals(every), digest[:8])


def read_seen(written: str) -> Seen | None:
    """The reverse of `written`; None where it cannot be read."""
    parts = written.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts[:3]):
        return None
    open_count, owned, overdue = map(int, parts[:3])
    return Seen(Totals(open_count, owned, overdue), parts[3])


def news(before: Seen, now: Seen) -> str | None:
    """What changed between two looks, in a few words; None when nothing did."""
    if before.fingerprint == now.fingerprint:
        return None
    more_overdue = now.totals.overdue - before.totals.overdue
    more_open = now.totals.open - before.totals.open
    parts: list[str] = []
    if more_open > 0:
        parts.append(f"{more_open:,} more waiting")
    if more_overdue > 0:
        parts.append(f"{more_overdue:,} more overdue")
    if more_open < 0:
        parts.append(f"{-more_open:,} fewer waiting")
    return ", ".join(parts) or "Something has changed"


def _urgency(queue: QueueView) -> tuple[str, datetime]:
    waiting = bands(queue)
    return (waiting[0][0] if waiting else "P9", queue.oldest_open_at or _LATEST)


def _empty(destination: str) -> QueueView:
    return QueueView(destination=destination, open=0, owned=0, copies=0, overdue=0, oldest_open_at=None, open_by_band={})
