"""Makes the streams and consumers as their descriptions say, through the JetStream API: the client's own types lack some fields."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client

from fingerpost_shared.contracts.streams import Consumer, Stream

NANOSECONDS = 1_000_000_000
TRIES = 4
_NOT_FOUND = {10059, 10014}


class StreamSetUpFailed(RuntimeError):
    """The server refused a stream or consumer. The text holds its reason."""


async def apply(nats: Client, streams: Iterable[Stream], consumers: Iterable[Consumer], replicas: int = 1) -> list[str]:
    """Create what is missing and update what differs; returns the names that were created. Safe to repeat at any time."""
    created: list[str] = []
    for stream in streams:
        config = _stream_config(stream, replicas)
        known = await _call(nats, f"STREAM.INFO.{stream.name}", {}, allow=_NOT_FOUND)
        verb = "UPDATE" if known else "CREATE"
        await _insist(nats, f"STREAM.{verb}.{stream.name}", config)
        created += [] if known else [stream.name]
    for consumer in consumers:
        request = {"stream_name": consumer.stream, "config": _consumer_config(consumer), "action": ""}
        await _call(nats, f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}", request)
    return created


@dataclass(frozen=True, slots=True)
class Taken:
    """How many messages a consumer has still to take or to acknowledge, and up to which sequence it has acknowledged all of its own."""

    pending: int
    floor: int


async def missing(nats: Client, consumers: Iterable[tuple[str, str]]) -> list[str]:
    """Which of these (stream, durable) the server does not know: a service never makes them itself, it is just not ready."""
    absent: list[str] = []
    for stream, durable in consumers:
        known = await _call(nats, f"CONSUMER.INFO.{stream}.{durable}", {}, allow=_NOT_FOUND)
        absent += [] if known else [f"{stream}/{durable}"]
    return absent


async def head(nats: Client, stream: str) -> int:
    """The sequence of the newest message that the stream ever had."""
    return int((await _call(nats, f"STREAM.INFO.{stream}", {}))["state"]["last_seq"])


async def taken(nats: Client, stream: str, durable: str) -> Taken:
    """How far a consumer is."""
    known = await _call(nats, f"CONSUMER.INFO.{stream}.{durable}", {})
    return Taken(int(known["num_pending"]) + int(known["num_ack_pending"]), int(known["ack_floor"]["stream_seq"]))


async def _insist(nats: Client, path: str, request: dict[str, Any]) -> None:
    """Call, and again after a moment: a server may still be clearing away the files of a stream of this name."""
    for _ in range(TRIES - 1):
        try:
            await _call(nats, path, request)
            return
        except StreamSetUpFailed:
            await asyncio.sleep(0.5)
    await _call(nats, path, request)


async def _call(nats: Client, path: str, request: dict[str, Any], allow: set[int] | None = None) -> dict[str, Any]:
    reply = await nats.request(f"$JS.API.{path}", json.dumps(request).encode() if request else b"", timeout=10)
    answer = json.loads(reply.data)
    error = answer.get("error")
    if error is None:
        return answer
    if allow and error.get("err_code") in allow:
        return {}
    raise StreamSetUpFailed(f"{path}: {error.get('description', 'refused')}")


def _stream_config(stream: Stream, replicas: int) -> dict[str, Any]:
    is_rebuilt_from_books = not stream.is_only_copy and replicas == 1
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "storage": "file",
        "discard": "new" if stream.is_only_copy else "old",
        "max_bytes": stream.max_bytes,
        "max_age": stream.max_age_seconds * NANOSECONDS,
        "max_msgs": -1,
        "max_consumers": -1,
        "max_msg_size": 8 * 1024 * 1024,
        "duplicate_window": int(stream.duplicate_window_seconds * NANOSECONDS),
        "num_replicas": replicas,
        "deny_purge": False,
        **({"persist_mode": "async"} if is_rebuilt_from_books else {}),
    }


def _consumer_config(consumer: Consumer) -> dict[str, Any]:
    return {
        "durable_name": consumer.durable,
        "filter_subjects": list(consumer.filter_subjects),
        "ack_policy": "explicit",
        "ack_wait": int(consumer.ack_wait_seconds * NANOSECONDS),
        "deliver_policy": "all",
        "max_deliver": -1,
        "max_ack_pending": consumer.max_ack_pending,
        "replay_policy": "instant",
    }
