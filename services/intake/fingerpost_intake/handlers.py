"""Intake's use cases: take submissions in, and answer what is asked about them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from fingerpost_intake.domain.submissions import CSV, Part, Reader, Submission, unhandled
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.runtime.fairness import in_turns

if TYPE_CHECKING:
    from fingerpost_intake.adapters.book import Book

SLICE = 256  # rows in one transaction: more would hold up the urgent lane
KILOBYTE = 1024

Cut = Callable[[Submission], Awaitable[Sequence[Part]]]


async def receive(batch: Sequence[Submission], reader: Reader, book: "Book", cut: Cut) -> list[Envelope]:
    """Turn each submission into referrals and quarantine items, save them once, and say so.

    Given the same batch again (a redelivery), returns the same events.
    """
    parts: list[Part] = []
    async for some in in_turns(batch, _kilobytes):
        for submission in some:
            parts += await cut(submission) if submission.content_type == CSV else reader.parts(submission)
    outgoing: list[Envelope] = []
    for start in range(0, len(parts), SLICE):
        entries = [entry async for some in in_turns(parts[start : start + SLICE], _kilobytes) for entry in reader.entries(some)]
        outgoing += await book.save(entries)
    return outgoing


async def keep_unhandled(submission: Submission, _reason: str, reader: Reader, book: "Book") -> list[Envelope]:
    """Keep a submission that could not be handled as one quarantine item: intake buries nothing."""
    return await book.save(reader.entries([unhandled(submission)]))


def about(submission: Submission, reader: Reader) -> UUID | None:
    """The id of what a submission becomes, where that is one thing: what is in a file has an id each."""
    entries = reader.entries(reader.parts(submission)) if submission.content_type != CSV else []
    return entries[0][1].about if len(entries) == 1 else None


def _kilobytes(one: Submission | Part) -> int:
    return 1 + len(one.content) // KILOBYTE
