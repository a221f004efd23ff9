"""A running Fingerpost as tests use it: send as an agency, act as a destination, ask as the operator, look into the books."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import httpx
import nats
from nats.aio.client import Client
from pydantic import BaseModel

from fingerpost_local.running import System
from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.runtime.asking import ask

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")
JSON_TYPE = {"Content-Type": "application/json"}


class Live:
    """A running system, seen from outside. Use it as an async context manager."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.servers = system.servers
        credentials = json.loads((self.servers.keys_dir / "credentials.json").read_text())
        self.api_keys: Mapping[str, str] = {name: row["api_key"] for name, row in credentials["agencies"].items()}
        self._connections: dict[str, Client] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Live":
        self.http = await self._stack.enter_async_context(httpx.AsyncClient(base_url=self.system.url("intake"), timeout=30))
        return self

    async def __aexit__(self, *_error: object) -> None:
        for connection in self._connections.values():
            await connection.close()
        await self._stack.aclose()

    def headers(self, agency: str, content_type: str = "application/json") -> dict[str, str]:
        """What an agency sends along: its key and the type of its body."""
        return {"Authorization": f"Bearer {self.api_keys[agency]}", "Content-Type": content_type}

    async def post(self, referral: Any, agency: str = "police") -> httpx.Response:
        """Send one referral (or any bytes) to the front door."""
        body = referral if isinstance(referral, bytes) else json.dumps(referral).encode()
        return await self.http.post("/v1/referrals", content=body, headers=self.headers(agency))

    async def post_csv(self, content: str | bytes, agency: str = "police") -> httpx.Response:
        """Send a batch."""
        body = content if isinstance(content, bytes) else content.encode()
        return await self.http.post("/v1/batches", content=body, headers=self.headers(agency, "text/csv"))

    async def nats_as(self, user: str) -> Client:
        """The connection of a NATS user: `operator`, a service's name, `agency-<id>` or `destination-<id>`."""
        if user not in self._connections or self._connections[user].is_closed:
            seed = self.servers.seeds[user].read_text().strip()
            inbox = f"_INBOX.{user}"
            self._connections[user] = await nats.connect(self.servers.nats_url, nkeys_seed_str=seed, inbox_prefix=inbox.encode())
        return self._connections[user]

    async def publish_as_agency(self, body: bytes, agency: str = "police", lane: str = "routine", headers: Any = JSON_TYPE) -> None:
        """Publish raw input as an agency's own system does, and wait for the receipt."""
        client = await self.nats_as(f"agency-{agency}")
        await client.jetstream(prefix="fp").publish(f"submission.received.v1.{lane}.{agency}", body, headers=headers)

    async def ask(self, query: Query[A], service: str = "") -> A:
        """Ask a query as the operator."""
        return await ask(await self.nats_as("operator"), query, service)

    async def rows(self, database: str, query: str, *values: Any) -> list[Any]:
        """Look into a database: `intake`, `intake_keys`, `router` or `notifier`."""
        connection = await asyncpg.connect(self.servers.database_urls[database])
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    async def mails(self) -> list[Any]:
        """What the demo's mail server caught, newest first."""
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{self.system.url('mail')}/messages")).json()


async def eventually(look: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """What `look` returns once it is true; fails with the last look when time is up."""
    deadline = time.monotonic() + seconds
    while not (seen := await look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"still {seen!r} after {seconds} s")
        await asyncio.sleep(0.1)
    return seen


def fresh(referral: dict[str, Any]) -> dict[str, Any]:
    """The referral under a reference of its own."""
    return {**referral, "agency_reference": f"T-{uuid4()}"}
