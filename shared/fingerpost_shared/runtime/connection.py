"""Connects to NATS through FastStream's broker, whose frame documents what a service takes and answers."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from faststream.nats import NatsBroker, NatsNKey
from nats.aio.client import Client

from fingerpost_shared.runtime.settings import ServiceSettings

OLDEST_SERVER = (2, 12, 3)  # before, acknowledged writes could be lost, see docs/adr

log = structlog.get_logger()


class ServerTooOld(RuntimeError):
    """The NATS server is older than the oldest that keeps its word."""


def make_broker(name: str, settings: ServiceSettings, on_reconnect: Callable[[], Awaitable[None]]) -> NatsBroker:
    """A broker that reconnects for ever, listens on an inbox of its own, and logs faults as events."""

    async def log_fault(error: Exception) -> None:
        log.warning("nats_fault", error=type(error).__name__)

    async def reconnected() -> None:
        log.info("nats_reconnected")
        await on_reconnect()

    return NatsBroker(
        settings.nats_url,
        name=f"fingerpost-{name}",
        inbox_prefix=f"_INBOX.{name}",
        security=NatsNKey.from_file(str(settings.nats_seed_file)) if settings.nats_seed_file else None,
        error_cb=log_fault,
        reconnected_cb=reconnected,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=5,
        max_outstanding_pings=2,
        pending_size=64 * 1024 * 1024,
        logger=None,
    )


async def connect(broker: NatsBroker) -> Client:
    """The connection, however long the server takes to come up. Raises `ServerTooOld`."""
    while True:
        try:
            client = await broker.connect()
            break
        except Exception as error:
            log.warning("nats_away", error=type(error).__name__)
            await asyncio.sleep(0.5)
    version = client.connected_server_version
    if (version.major, version.minor, version.patch) < OLDEST_SERVER:
        raise ServerTooOld(f"NATS server {version.major}.{version.minor}.{version.patch}; 2.12.3 or later is needed")
    return client
