"""Digests of a book, and the comparison of two books: finds what one has and the other lacks by looking at little."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_shared.contracts.queries.digests import Bucket, DigestAnswer, DigestQuery

MOST_IDS = 4000
_WIDTHS = {"day": "1 day", "minute": "1 minute"}

BookName = Literal["referrals", "legs"]
Asks = Callable[[DigestQuery], Awaitable[DigestAnswer]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many messages a service has still to take, and of one stream the newest and the one up to which all are dealt with."""

    pending: int
    head: int
    floor: int


async def digest(engine: AsyncEngine, entries: str, query: DigestQuery, progress: Progress) -> DigestAnswer:
    """Answer a digest query over `entries`: SQL that selects `entry` (text) and `at` between :start and :end.

    A bucket's XOR is over the first 64 bits of each entry's MD5, so that two books agree on it whatever their tables look like.
    """
    span = {"start": query.start, "end": query.end}
    async with engine.connect() as connection:
        if query.step == "ids":
            page = text(f"SELECT entry FROM ({entries}) AS e WHERE entry > :after ORDER BY entry LIMIT {MOST_IDS}")  # noqa: S608 - ours
            listed = await connection.execute(page, {**span, "after": query.after})
            return DigestAnswer(ids=tuple(listed.scalars()), **asdict(progress))
        width = _WIDTHS[query.step]
        grouped = text(
            f"SELECT date_bin('{width}', at, TIMESTAMPTZ '2000-01-01 00:00Z') AS start, count(*),"  # noqa: S608 - ours
            f" bit_xor(('x' || left(md5(entry), 16))::bit(64)::bigint) FROM ({entries}) AS e GROUP BY 1 ORDER BY 1"
        )
        rows = await connection.execute(grouped, span)
        return DigestAnswer(buckets=tuple(Bucket(start=row[0], count=row[1], xor=row[2]) for row in rows), **asdict(progress))


async def lacking(mine: Asks, theirs: Asks, book: BookName, start: datetime, end: datetime) -> list[str]:
    """The entries that the first book has between two times and the second has not, oldest buckets first."""
    missing: list[str] = []
    for day_start, day_end in await _unequal(mine, theirs, book, start, end, "day"):
        for minute_start, minute_end in await _unequal(mine, theirs, book, day_start, day_end, "minute"):
            query = DigestQuery(book=book, start=minute_start, end=minute_end, step="ids")
            missing += sorted(await _ids(mine, query) - await _ids(theirs, query))
    return missing


async def _ids(asks: Asks, query: DigestQuery) -> set[str]:
    """All entries of a stretch, page by page."""
    found: set[str] = set()
    while page := (await asks(query)).ids:
        found.update(page)
        if len(page) < MOST_IDS:
            break
        query = query.model_copy(update={"after": page[-1]})
    return found


async def _unequal(
    mine: Asks, theirs: Asks, book: BookName, start: datetime, end: datetime, step: Literal["day", "minute"]
) -> Sequence[tuple[datetime, datetime]]:
    """The stretches in which the books differ, cut to the asked one."""
    query = DigestQuery(book=book, start=start, end=end, step=step)
    held = {bucket.start: bucket for bucket in (await theirs(query)).buckets}
    width = timedelta(days=1) if step == "day" else timedelta(minutes=1)
    return [
        (max(bucket.start, start), min(bucket.start + width, end))
        for bucket in (await mine(query)).buckets
        if held.get(bucket.start) != bucket
    ]
