"""The digest of a book: what two services compare to see whether both have the same."""

from typing import Literal

from pydantic import AwareDatetime, Field

from fingerpost_shared.contracts.queries.query import Query, Value


class Bucket(Value):
    """The entries of one stretch of time: how many, and the XOR of their fingerprints."""

    start: AwareDatetime
    count: int
    xor: int


class DigestAnswer(Value):
    """A book's digest: buckets, or ids in order. `pending`: messages that the service has still to take from its streams.

    Of the stream that fills the book, `head` is the newest message, and what stands before `floor` has been dealt with: both count
    the stream's messages from one, so that a reader knows whether what was there at one time has been handled by another.
    """

    buckets: tuple[Bucket, ...] = ()
    ids: tuple[str, ...] = ()
    pending: int = 0
    head: int = 0
    floor: int = 0


class DigestQuery(Query[DigestAnswer], subject="query.{service}.digest.v1", answer=DigestAnswer):
    """A book over a stretch of time, `start` included, `end` not: by day, by minute, or the entries themselves in pages of 4,000.

    The books: `referrals` (intake against router; entries `<referral id>/<version>` by the time that version arrived) and `legs` (router
    against notifier; entries `<leg id>/<version>` by the time that version was routed).
    """

    book: Literal["referrals", "legs"]
    start: AwareDatetime
    end: AwareDatetime
    step: Literal["day", "minute", "ids"]
    after: str = Field(default="", description="of the ids, those after this one: the last of the page before")

    @classmethod
    def subject_of(cls, service: str) -> str:
        """A digest is asked of a service by name."""
        return cls.subject.format(service=service)
