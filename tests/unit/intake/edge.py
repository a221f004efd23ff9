"""Intake's HTTP edge over a message store and a book that are not there: what they were given can be looked at."""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from nats.errors import TimeoutError as NoReceipt

from fingerpost_intake.adapters.http import batches, referrals
from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import Access
from fingerpost_intake.adapters.http.caching import NoStore
from fingerpost_intake.adapters.http.problems import add_problems
from fingerpost_intake.domain.submissions import ROWS
from tests.unit.intake.building import BY, READER


@dataclass
class Store:
    """A message store that takes so many messages, and then fails."""

    takes: int = 1000
    failure: Exception = field(default_factory=NoReceipt)
    taken: list[bytes] = field(default_factory=list[bytes])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    rows: Counter[str] = field(default_factory=Counter[str])
    order: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    async def publish_raw(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        if len(self.taken) >= self.takes:
            raise self.failure
        self.taken.append(body)
        self.headers.append(headers)
        lane, listed = subject.split(".")[3], json.loads(body)["rows"] if headers["Content-Type"] == ROWS else []
        self.rows[lane] += len(listed)
        self.order += [(lane, row["row"]) for row in listed]


class Book:
    """A book that keeps every report, and has heard of nothing."""

    def __init__(self) -> None:
        self.reports: dict[UUID, Any] = {}

    async def keep_batch_report(self, batch: UUID, _agency: str, report: Any) -> bool:
        self.reports[batch] = report
        return True

    async def batch_report(self, batch: str, _agency: str) -> Any:
        return self.reports.get(UUID(batch)) if len(batch) == 36 else None

    async def is_saved(self, _referral_id: UUID, _content_hash: bytes) -> bool:
        return False


@asynccontextmanager
async def an_edge(store: Store, book: Book) -> AsyncIterator[httpx.AsyncClient]:
    """A client of intake's HTTP edge, with the key of the police, over this store and this book."""
    service: Any = SimpleNamespace(nats=SimpleNamespace(is_connected=True), publisher=store)
    look_ups: Any = book
    app = FastAPI()
    add_problems(app)
    app.add_middleware(NoStore)
    access, accepting = Access({"police": hashlib.sha256(b"key").hexdigest()}), Accepting(service, BY.id_key)
    app.include_router(referrals.router(access, accepting, look_ups, BY, 5 * 1024 * 1024))
    app.include_router(batches.router(access, accepting, look_ups, READER, 64 * 1024 * 1024))
    headers = {"Authorization": "Bearer key", "Content-Type": "text/csv"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake", headers=headers) as client:
        yield client
