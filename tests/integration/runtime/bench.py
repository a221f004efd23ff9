"""A bench for trying delivery on real servers: streams of its own, a table, and tiny services that can be started and stopped."""

import asyncio
import base64
import contextlib
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import nats
import nats.js.errors
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from fingerpost_local.servers import Servers
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import Event
from fingerpost_shared.contracts.streams import Consumer, Stream, event_consumer
from fingerpost_shared.runtime import streams
from fingerpost_shared.runtime.service import Service
from fingerpost_shared.runtime.settings import DatabaseSettings
from tests.support.live import eventually

NAME = "tiny"
MEGABYTE = 1024 * 1024


class ThingDone(Event, subject="thing.done.v1.{thing_id}", about="thing_id"):
    """What the tiny service takes."""

    thing_id: UUID
    label: str


class ThingSeen(Event, subject="thing.seen.v1.{thing_id}", about="thing_id"):
    """What the tiny service publishes."""

    thing_id: UUID


THINGS = Stream("THINGS", ("thing.done.v1.*",), is_only_copy=True, max_bytes=64 * MEGABYTE, retention="workqueue")
RESULTS = Stream("RESULTS", ("thing.seen.v1.*",), is_only_copy=True, max_bytes=64 * MEGABYTE)
LETTERS = Stream("DEAD_LETTERS", ("letter.buried.v1.*",), is_only_copy=True, max_bytes=64 * MEGABYTE)
TAKING = event_consumer(NAME, THINGS.name, ThingDone)
IMPATIENT = Consumer(THINGS.name, TAKING.durable, NAME, TAKING.filter_subjects, ack_wait_seconds=1)


def now_utc() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def seen(thing: Received[ThingDone]) -> Envelope:
    """The event that a thing brings: the same for the same thing."""
    return Envelope(ThingSeen(thing_id=thing.event.thing_id), uuid5(thing.event.thing_id, "seen"), thing.stored_at)


@dataclass
class Bench:
    """Use it as an async context manager."""

    servers: Servers

    async def __aenter__(self) -> "Bench":
        self._stack = AsyncExitStack()
        self.nats = await self.connect()
        self.database = await asyncpg.connect(self.database_url)
        self._stack.push_async_callback(self.database.close)
        await self.database.execute("DROP TABLE IF EXISTS things; CREATE TABLE things (id uuid PRIMARY KEY, label text NOT NULL)")
        for name in ("THINGS", "RESULTS", "DEAD_LETTERS"):
            await self.drop(name)
        await self.set_up(THINGS, RESULTS, LETTERS, consumers=[TAKING])
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    @property
    def database_url(self) -> str:
        return self.servers.database_urls["router"]

    @property
    def jetstream(self) -> JetStreamContext:
        return self.nats.jetstream()

    async def connect(self, user: str = "operator") -> Client:
        """A connection that outlives the server; the operator's may do anything."""
        client = await nats.connect(
            self.servers.nats_url,
            nkeys_seed=str(self.servers.seeds[user]),
            inbox_prefix=f"_INBOX.{user}",
            reconnect_time_wait=0.1,
            max_reconnect_attempts=-1,
            error_cb=_ignore,
        )
        self._stack.push_async_callback(client.close)
        return client

    async def set_up(self, *wanted: Stream, consumers: Sequence[Consumer] = ()) -> None:
        """Make streams and consumers."""
        await streams.apply(self.nats, wanted, consumers)

    async def drop(self, name: str) -> None:
        """Delete a stream, if it is there."""
        with contextlib.suppress(nats.js.errors.NotFoundError):
            await self.jetstream.delete_stream(name)

    def service(self) -> Service:
        """A service without any wiring, that may do anything."""
        return Service(
            NAME,
            DatabaseSettings(nats_url=self.servers.nats_url, nats_seed_file=self.servers.seeds["operator"], database_url=self.database_url),
        )

    async def start(self, service: Service) -> AsyncExitStack:
        """Run a service until the returned stack is closed, at the latest until the end of the test."""
        running = AsyncExitStack()
        await running.enter_async_context(service.http.router.lifespan_context(service.http))
        self._stack.push_async_callback(running.aclose)
        return running

    async def publish(self, *labels: str) -> list[UUID]:
        """Publish things with these labels; returns their ids."""
        things = [ThingDone(thing_id=uuid4(), label=label) for label in labels]
        for thing in things:
            body = Envelope(thing, thing.thing_id, now_utc()).encode("test")
            await self.jetstream.publish(thing.subject, body, timeout=5)
        return [thing.thing_id for thing in things]

    async def count(self, stream: Stream) -> int:
        """How many messages a stream holds."""
        return (await self.jetstream.stream_info(stream.name)).state.messages

    async def settled(self, seconds: float = 30.0) -> None:
        """Wait until every thing is acknowledged or buried."""
        await eventually(lambda: self._is_empty(THINGS), seconds)

    async def letters(self) -> list[dict[str, Any]]:
        """The dead letters."""
        info = (await self.jetstream.stream_info(LETTERS.name)).state
        found = [await self.jetstream.get_msg(LETTERS.name, seq) for seq in range(info.first_seq, info.last_seq + 1) if info.messages]
        return [json.loads(message.data or b"") for message in found]

    async def saved(self) -> list[str]:
        """The labels in the table, in order."""
        return [row["label"] for row in await self.database.fetch("SELECT label FROM things ORDER BY label")]

    async def _is_empty(self, stream: Stream) -> bool:
        return await self.count(stream) == 0


def body_of(letter: dict[str, Any]) -> dict[str, Any]:
    """The message that a dead letter keeps."""
    return json.loads(base64.b64decode(letter["body"]))


async def _ignore(_error: Exception) -> None:
    """What a cut connection reports; the tests look at what happens after."""


async def until(event: asyncio.Event, seconds: float = 30.0) -> None:
    """Wait for an event, but not for ever."""
    await asyncio.wait_for(event.wait(), seconds)
