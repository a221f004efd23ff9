"""A service: what it consumes, answers and does at intervals, with its HTTP side. `app.py` of each service wires one and nothing else."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

import structlog
import uvicorn
from fastapi import FastAPI
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_shared.contracts.envelope import Envelope, Malformed, Received, decode
from fingerpost_shared.contracts.events import Event, Lane
from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.contracts.streams import Consumer, event_consumer
from fingerpost_shared.runtime import asyncapi, connection, database, health, logs, metrics, streams
from fingerpost_shared.runtime.asking import A, ask, reply_to
from fingerpost_shared.runtime.consuming import Consumption, wait_or_stop
from fingerpost_shared.runtime.delivery import Delivery, Handler
from fingerpost_shared.runtime.digests import Progress
from fingerpost_shared.runtime.fairness import Precedence
from fingerpost_shared.runtime.logs import where
from fingerpost_shared.runtime.publishing import Outgoing, Publisher
from fingerpost_shared.runtime.settings import DatabaseSettings, ServiceSettings, UnusableKey

E = TypeVar("E", bound=Event)

STOP_SECONDS = 10.0
BATCH = 128  # more saves little, and locks more at once
_ADVISING = (connection.ServerTooOld, streams.StreamSetUpFailed, UnusableKey)  # errors of our own, whose text says what to do

log = structlog.get_logger()


class Service:
    """One service of Fingerpost. Wire it with `consume`, `answer` and `every`; `http` is its FastAPI application."""

    def __init__(self, name: str, settings: ServiceSettings, *, openapi_url: str | None = None) -> None:
        self.name = name
        self.settings = settings
        self.is_ready_without_database = False
        self.http = FastAPI(title=f"Fingerpost {name}", lifespan=self._lifespan, openapi_url=openapi_url, docs_url=None, redoc_url=None)
        self.broker: NatsBroker = connection.make_broker(name, settings, self._reordered)
        self.databases: list[AsyncEngine] = []
        self._consumptions: list[Consumption] = []
        self._precedence = Precedence()
        self._answers: list[tuple[type[Query[Any]], str, Callable[[Any], Awaitable[Any]]]] = []
        self._first: list[Callable[[], Awaitable[None]]] = []
        self._last: list[Callable[[], Awaitable[None]]] = []
        self._chores: list[tuple[float, Callable[[], Awaitable[None]], asyncio.Event | None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._nats: Client | None = None
        self._publisher: Publisher | None = None
        self._stopping = asyncio.Event()
        self._server: uvicorn.Server | None = None
        self._has_failed = False
        self.http.include_router(health.router(self._lacking))
        self.http.include_router(asyncapi.router(name, self.broker))
        asyncapi.register_published(self.broker, name)

    def open_database(self, url: str, pool: int = 8) -> AsyncEngine:
        """An engine that readiness watches and that closes with the service."""
        engine = database.open_database(url, pool)
        self.databases.append(engine)
        return engine

    @property
    def database(self) -> AsyncEngine:
        """The service's own book."""
        if not self.databases:
            assert isinstance(self.settings, DatabaseSettings)
            self.open_database(self.settings.database_url, self.settings.database_pool)
        return self.databases[0]

    def consume(
        self,
        event: type[E],
        handler: Handler[Received[E]],
        *,
        stream: str,
        lanes: Sequence[Lane | None] = (None,),
        batch: int = BATCH,
        refuse: Callable[[Msg, Malformed], Outgoing | None] | None = None,
    ) -> None:
        """Take these events durably. The handler gets a batch, saves it once, and returns what to publish; all else is done for it."""

        def read(message: Msg) -> Received[E]:
            return decode(event, message.subject, message.data, lambda: message.metadata.timestamp)

        def about(received: Received[E]) -> UUID:
            return received.event.about

        def again(received: Received[E]) -> bytes:
            return received.again()

        for lane in lanes:
            consumer = event_consumer(self.name, stream, event, lane)
            self.take(consumer, Delivery(self.name, consumer.durable, read, handler, refuse, about=about, again=again), batch)

    def take(self, consumer: Consumer, delivery: Delivery[Any], batch: int = BATCH) -> None:
        """Take messages that are no events: the delivery says how they are read."""
        asyncapi.register_taken(self.broker, consumer)
        self._consumptions.append(Consumption(consumer, delivery, batch, self._precedence))

    def answer(self, query: type[Query[A]], handler: Callable[[Any], Awaitable[A]]) -> None:
        """Answer this query; replicas share the questions."""
        subject = query.subject.format(service=self.name)
        self._answers.append((query, subject, handler))
        asyncapi.register_answered(self.broker, self.name, query, subject)

    def before_consuming(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do something once, before the first message is taken; tried until it succeeds."""
        self._first.append(do)

    def every(self, seconds: float, do: Callable[[], Awaitable[None]], wake: asyncio.Event | None = None) -> None:
        """Do something at intervals, and whenever `wake` is set. A failure is logged, and the next turn comes all the same."""
        self._chores.append((seconds, do, wake))

    def on_stop(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do something once the last message is handled."""
        self._last.append(do)

    async def ask(self, query: Query[A], service: str = "") -> A:
        """Ask another service. Raises `Unanswered` when nobody answers in time, `Refused` when the answer is a refusal."""
        return await ask(self.nats, query, service)

    @property
    def nats(self) -> Client:
        """The connection. Raises `ConnectionError` before there is one."""
        if self._nats is None:
            raise ConnectionError("NATS is not connected yet")
        return self._nats

    @property
    def publisher(self) -> Publisher:
        """Publishes in this service's name. Raises `ConnectionError` before there is a connection."""
        if self._publisher is None:
            raise ConnectionError("NATS is not connected yet")
        return self._publisher

    @property
    def is_stopping(self) -> bool:
        """Whether the service has been told to stop: a chore that takes long looks here between its parts."""
        return self._stopping.is_set()

    async def publish(self, outgoing: Sequence[Envelope]) -> None:
        """Publish events whose cause is saved, with receipts."""
        await self.publisher.publish(outgoing)

    async def pending(self) -> int:
        """How many messages this service has still to take from its streams."""
        return sum([(await self._taken(consumption)).pending for consumption in self._consumptions])

    async def progress(self, stream: str) -> Progress:
        """What it has still to take, and how far it is with one of its streams."""
        head = await streams.head(self.nats, stream)
        taken = [(consumption.consumer.stream, await self._taken(consumption)) for consumption in self._consumptions]
        floors = [one.floor if one.pending else head for name, one in taken if name == stream]
        return Progress(sum(one.pending for _, one in taken), head, min(floors, default=head))

    def serve(self) -> None:
        """Run until SIGTERM or SIGINT; then finish what is in hand and stop.

        A service that cannot start, or one of whose workers or chores ends before it is told to stop, ends the process with code 1, so that
        whoever keeps it running starts it again.
        """
        logs.configure(self.name, self.settings.log_level)
        config = uvicorn.Config(
            self.http,
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(STOP_SECONDS),
            http="h11",  # it bounds what a request's headers may hold, which the faster httptools does not
        )
        self._server = uvicorn.Server(config)
        self._server.run()
        if self._has_failed:
            raise SystemExit(1)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncGenerator[None]:
        starting = asyncio.create_task(self._start())
        yield
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await self.stop()

    async def _start(self) -> None:
        try:
            client = await connection.connect(self.broker)
            await self._wait_for_consumers(client)
            self._publisher = Publisher(client, self.name)
            await self._publisher.open()
            self._nats = client
            for query, subject, handler in self._answers:
                await client.subscribe(subject, queue=self.name, cb=reply_to(query, handler))
            for do in self._first:
                await self._until_done(do)
            for consumption in self._consumptions:
                for worker in await consumption.start(client, self.publisher, self._stopping):
                    self._spawn(worker, consumption.consumer.durable)
            self.every(5, self._measure)
            for seconds, do, wake in self._chores:
                self._spawn(self._repeat(seconds, do, wake), _name_of(do))
            _spare_the_collector()
            log.info("service_started")
        except Exception as error:
            advice = {"reason": str(error)} if isinstance(error, _ADVISING) else {}
            log.error("service_not_started", error=type(error).__name__, where=where(error), **advice)
            self._end_process()

    def _end_process(self) -> None:
        self._has_failed = True
        if self._server is not None:
            self._server.should_exit = True

    async def _wait_for_consumers(self, client: Client) -> None:
        wanted = [(c.consumer.stream, c.consumer.durable) for c in self._consumptions]
        while absent := await self._missing(client, wanted):
            log.warning("streams_missing", consumer=", ".join(absent))
            await asyncio.sleep(1)

    async def _until_done(self, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await do()
            except Exception as error:
                log.warning("start_postponed", error=type(error).__name__, where=where(error))
                await asyncio.sleep(1)

    async def _missing(self, client: Client, wanted: list[tuple[str, str]]) -> list[str]:
        try:
            return await streams.missing(client, wanted)
        except Exception as error:
            log.warning("streams_unknown", error=type(error).__name__)
            return ["unknown"]

    async def stop(self) -> None:
        """Take nothing more, finish what is in hand, close everything."""
        self._stopping.set()
        for consumption in self._consumptions:
            await consumption.close()
        _, unfinished = await asyncio.wait(self._tasks, timeout=STOP_SECONDS) if self._tasks else (None, set[asyncio.Task[None]]())
        for task in unfinished:
            task.cancel()
        for do in self._last:
            await do()
        if self._nats is not None and self._nats.is_connected:
            await self.broker.stop()
        for engine in self.databases:
            await engine.dispose()

    async def _repeat(self, seconds: float, do: Callable[[], Awaitable[None]], wake: asyncio.Event | None) -> None:
        while not self._stopping.is_set():
            try:
                await do()
            except Exception as error:
                log.warning("chore_failed", reason=_name_of(do), error=type(error).__name__, where=where(error))
            await wait_or_stop(self._stopping, seconds, wake)

    async def _measure(self) -> None:
        for consumption in self._consumptions:
            metrics.PENDING.labels(self.name, consumption.consumer.durable).set((await self._taken(consumption)).pending)

    async def _taken(self, consumption: Consumption) -> streams.Taken:
        return await streams.taken(self.nats, consumption.consumer.stream, consumption.consumer.durable)

    async def _reordered(self) -> None:
        for consumption in self._consumptions:
            await consumption.reorder()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._look_at_ended)
        self._tasks.append(task)

    def _look_at_ended(self, task: asyncio.Task[None]) -> None:
        """Nobody would miss a worker or a chore that ended too early, so the process ends with it."""
        if self._stopping.is_set():
            return
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        known = {"error": type(error).__name__, "where": where(error)} if error else {}
        log.error("task_ended", reason=task.get_name(), **known)
        self._end_process()

    async def _lacking(self) -> list[str]:
        """What the service waits for. An edge that accepts without its database counts neither that nor who consumes into it (trap 25)."""
        lacking: list[str] = []
        if self._nats is None or not self._nats.is_connected:
            lacking.append("nats")
        elif not self.is_ready_without_database:
            lacking += [f"consumer {one.consumer.durable}" for one in self._consumptions if one.is_stuck]
        if not self.is_ready_without_database and not all([await database.answers(engine) for engine in self.databases]):
            lacking.append("database")
        return lacking


def _name_of(chore: Callable[[], Awaitable[None]]) -> str:
    return getattr(chore, "__name__", "chore")


def _spare_the_collector() -> None:
    """What start-up made stays for good: searching it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
