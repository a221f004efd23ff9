"""Intake's use cases: take submissions in, and answer what is asked about them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from fingerpost_intake.domain.submissions import CSV, Entry, Reader, Submission
from fingerpost_shared.contracts.envelope import Envelope

if TYPE_CHECKING:
    from fingerpost_intake.adapters.book import Book

SLICE = 256  # rows in one transaction: more would hold up the urgent lane

Cut = Callable[[Submission], Awaitable[Sequence[Entry]]]


async def receive(batch: Sequence[Submission], reader: Reader, book: "Book", cut: Cut) -> list[Envelope]:
    """Turn each submission into referrals and quarantine items, save them once, and say so.

    Given the same batch again (a redelivery), returns the same events.
    """
    entries: list[tuple[Submission, Entry]] = []
    for submission in batch:
        read = await cut(submission) if submission.content_type == CSV else reader.entries(submission)
        entries += [(submission, entry) for entry in read]
        await asyncio.sleep(0)  # a long batch must not hold up the urgent lane
    outgoing: list[Envelope] = []
    for start in range(0, len(entries), SLICE):
        outgoing += await book.save(entries[start : start + SLICE])
    return outgoing


async def keep_unhandled(submission: Submission, _reason: str, reader: Reader, book: "Book") -> list[Envelope]:
    """Keep a submission that could not be handled as one quarantine item: intake buries nothing."""
    return await book.save([(submission, entry) for entry in reader.unhandled(submission)])
