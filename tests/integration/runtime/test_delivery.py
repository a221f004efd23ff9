"""Save, publish, acknowledge: what becomes of a durable message, on a real NATS server and a real PostgreSQL."""

import asyncio
import json
from collections import Counter
from collections.abc import MutableMapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from nats.aio.msg import Msg
from sqlalchemy import Column, MetaData, Table, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from fingerpost_shared.contracts.envelope import Envelope, Malformed, Received, decode, traceparent
from fingerpost_shared.runtime import database, metrics, patience
from fingerpost_shared.runtime.delivery import TRIES_ALONE, Delivery
from fingerpost_shared.runtime.faults import TryLater
from fingerpost_shared.runtime.logs import ALLOWED_KEYS
from fingerpost_shared.runtime.publishing import Answer
from tests.integration.runtime.bench import IMPATIENT, LETTERS, RESULTS, TAKING, THINGS, Bench, ThingDone, body_of, seen, until
from tests.support.live import eventually

Batch = Sequence[Received[ThingDone]]

TABLE = Table("things", MetaData(), Column("id", Uuid, primary_key=True), Column("label", Text))


async def save(batch: Batch, engine: AsyncEngine) -> list[Envelope]:
    """The least that a handler does: save once, and return what to publish."""
    rows = sorted(({"id": thing.event.thing_id, "label": thing.event.label} for thing in batch), key=lambda row: row["id"])
    async with engine.begin() as connection:
        await database.insert(connection, TABLE, rows)
    return [seen(thing) for thing in batch]


async def no_events(_batch: Batch) -> list[Envelope]:
    return []


async def has_line(lines: Sequence[MutableMapping[str, Any]], event: str) -> bool:
    return any(line["event"] == event for line in lines)


def postponements() -> float:
    return metrics.HANDLED.labels("tiny", TAKING.durable, "postponed")._value.get()


async def postponed(times: int, since: float) -> bool:
    return postponements() - since >= times


async def test_things_are_saved_then_published_then_gone(bench: Bench) -> None:
    service = bench.service()
    service.consume(ThingDone, lambda batch: save(batch, service.database), stream="THINGS")
    await bench.start(service)

    await bench.publish(*"abcdefgh")
    await bench.settled()

    assert await bench.saved() == list("abcdefgh")
    assert await bench.count(RESULTS) == 8
    assert await bench.count(LETTERS) == 0


async def test_nothing_is_acknowledged_while_its_event_is_not_stored(bench: Bench) -> None:
    await bench.drop("RESULTS")
    service = bench.service()
    service.consume(ThingDone, lambda batch: save(batch, service.database), stream="THINGS")
    await bench.start(service)
    before = postponements()

    await bench.publish("a", "b", "c")
    await eventually(lambda: postponed(9, before))
    held = await bench.count(THINGS)
    await bench.set_up(RESULTS)
    await bench.settled()

    assert held == 3
    assert await bench.count(RESULTS) == 3
    assert await bench.count(LETTERS) == 0


async def test_however_long_the_database_is_away_nothing_is_buried(bench: Bench) -> None:
    service = bench.service()
    service.consume(ThingDone, lambda batch: save(batch, service.database), stream="THINGS")
    await bench.start(service)
    await bench.publish("before")
    await bench.settled()
    before = postponements()

    bench.servers.postgres.kill()
    try:
        await bench.publish("during")
        await eventually(lambda: postponed(TRIES_ALONE + 2, before))
    finally:
        await asyncio.to_thread(bench.servers.postgres.start)
    await bench.settled()

    rows = await _rows(service.database)
    assert rows == ["before", "during"]
    assert await bench.count(LETTERS) == 0


async def test_a_poison_message_fails_alone_and_is_buried_whole_while_its_neighbours_succeed(bench: Bench) -> None:
    tried: list[list[str]] = []

    async def handle(batch: Batch) -> list[Envelope]:
        labels = [thing.event.label for thing in batch]
        tried.append(labels)
        if "poison" in labels:
            raise ValueError("canary")
        return [seen(thing) for thing in batch]

    await bench.publish("a", "b", "poison", "c", "d")  # before it starts, so that they come as one batch
    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await bench.settled()

    assert tried[0] == ["a", "b", "poison", "c", "d"]
    assert tried.count(["poison"]) == TRIES_ALONE
    assert [tried.count([label]) for label in "abcd"] == [1, 1, 1, 1]
    assert await bench.count(RESULTS) == 4
    (letter,) = await bench.letters()
    assert body_of(letter)["data"]["label"] == "poison"
    assert (letter["stream"], letter["consumer"], letter["reason"]) == ("THINGS", TAKING.durable, "failed")
    assert letter["faults"].startswith("ValueError at ")
    assert "canary" not in json.dumps(letter)


async def test_a_handler_that_keeps_what_it_cannot_handle_buries_nothing(bench: Bench) -> None:
    kept: list[str] = []

    async def fail(_batch: Batch) -> list[Envelope]:
        raise ValueError

    async def keep(thing: Received[ThingDone], _reason: str) -> list[Envelope]:
        kept.append(thing.event.label)
        return [seen(thing)]

    service = bench.service()
    service.take(TAKING, Delivery("tiny", TAKING.durable, read, fail, keep=keep))
    await bench.start(service)
    await bench.publish("odd")
    await bench.settled()

    assert kept == ["odd"]
    assert (await bench.count(RESULTS), await bench.count(LETTERS)) == (1, 0)


async def test_every_line_about_a_message_that_fails_has_the_trace_of_what_it_is_about(bench: Bench) -> None:
    async def handle(batch: Batch) -> list[Envelope]:
        if any(thing.event.label == "poison" for thing in batch):
            raise ValueError
        return [seen(thing) for thing in batch]

    with capture_logs() as lines:
        poison, _ = await bench.publish("poison", "good")
        service = bench.service()
        service.consume(ThingDone, handle, stream="THINGS")
        await bench.start(service)
        await bench.settled()

    told = [line for line in lines if "sequence" in line]
    assert [line["event"] for line in told] == [*["message_failed_alone"] * TRIES_ALONE, "letter_buried"]
    assert {line["trace"] for line in told} == {poison.hex}


async def test_a_message_that_cannot_be_settled_is_told_with_its_trace(bench: Bench) -> None:
    await bench.drop("DEAD_LETTERS")

    async def fail(_batch: Batch) -> list[Envelope]:
        raise ValueError

    with capture_logs() as lines:
        (poison,) = await bench.publish("poison")
        service = bench.service()
        service.consume(ThingDone, fail, stream="THINGS")
        await bench.start(service)
        await eventually(lambda: has_line(lines, "message_not_settled"))
        await bench.set_up(LETTERS)
        await bench.settled()

    assert {line["trace"] for line in lines if line["event"] == "message_not_settled"} == {poison.hex}


async def test_a_malformed_message_is_told_without_a_trace_whatever_it_says_of_itself(bench: Bench) -> None:
    with capture_logs() as lines:
        service = bench.service()
        service.consume(ThingDone, no_events, stream="THINGS")
        await bench.start(service)
        for body in ({"traceparent": traceparent(uuid4(), uuid4())}, {"traceparent": "canary"}, {}):
            await bench.jetstream.publish("thing.done.v1.sender", json.dumps(body).encode())
        await bench.settled()

    buried = [line for line in lines if line["event"] == "letter_buried"]
    assert len(buried) == 3
    assert all("trace" not in line for line in buried)
    assert all(line["reason"] == "malformed" for line in buried)


async def test_a_message_whose_trace_cannot_be_told_is_kept_all_the_same(bench: Bench) -> None:
    async def fail(_batch: Batch) -> list[Envelope]:
        raise ValueError

    async def keep(thing: Received[ThingDone], _reason: str) -> list[Envelope]:
        return [seen(thing)]

    def about(_thing: Received[ThingDone]) -> UUID:
        raise ValueError

    with capture_logs() as lines:
        service = bench.service()
        service.take(TAKING, Delivery("tiny", TAKING.durable, read, fail, keep=keep, about=about))
        await bench.start(service)
        await bench.publish("odd")
        await bench.settled()

    assert (await bench.count(RESULTS), await bench.count(LETTERS)) == (1, 0)
    told = [line for line in lines if line["event"] == "message_failed_alone"]
    assert len(told) == TRIES_ALONE
    assert all("trace" not in line for line in told)


async def test_a_malformed_message_is_buried_without_its_body_and_its_sender_hears_why(bench: Bench) -> None:
    handled: list[str] = []

    async def handle(batch: Batch) -> list[Envelope]:
        handled.extend(thing.event.label for thing in batch)
        return []

    def refuse(message: Msg, fault: Malformed) -> Answer:
        return Answer(f"thing.answered.v1.{message.subject.split('.')[3]}", str(fault).encode())

    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS", refuse=refuse)
    await bench.start(service)
    answers = await bench.nats.subscribe("thing.answered.v1.*")

    await bench.jetstream.publish("thing.done.v1.sender", b'{"specversion": "1.0", "name": "canary"}')
    await bench.publish("good")
    answer = await answers.next_msg(timeout=20)
    await bench.settled()

    assert answer.subject == "thing.answered.v1.sender"
    assert b"id: missing" in answer.data
    assert handled == ["good"]
    (letter,) = await bench.letters()
    assert (letter["reason"], letter["body"], letter["size_bytes"]) == ("malformed", None, 40)
    assert "canary" not in json.dumps(letter)


async def test_what_asks_for_later_comes_again_as_often_as_it_takes_and_holds_up_nobody(bench: Bench) -> None:
    times: Counter[str] = Counter()

    async def handle(batch: Batch) -> list[Envelope]:
        times.update(thing.event.label for thing in batch)
        if any(thing.event.label == "early" for thing in batch) and times["early"] < TRIES_ALONE + 4:
            raise TryLater
        return [seen(thing) for thing in batch]

    await bench.publish("early", "a", "b")
    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await bench.settled()

    assert times["early"] == TRIES_ALONE + 4
    assert (times["a"], times["b"]) == (2, 2)  # once in the batch that failed, once alone
    assert (await bench.count(RESULTS), await bench.count(LETTERS)) == (3, 0)


async def test_what_asks_for_later_for_long_is_told_once_with_the_trace_of_what_it_is_about(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONG_SECONDS", 1.0)
    with capture_logs() as lines:

        async def handle(batch: Batch) -> list[Envelope]:
            if any(thing.event.label == "early" for thing in batch) and not await has_line(lines, "message_put_off"):
                raise TryLater
            return [seen(thing) for thing in batch]

        early, _ = await bench.publish("early", "a")
        service = bench.service()
        service.consume(ThingDone, handle, stream="THINGS")
        await bench.start(service)
        await bench.settled()

    (line,) = [line for line in lines if line["event"] == "message_put_off"]
    assert (line["log_level"], line["consumer"], line["trace"], line["count"]) == ("warning", TAKING.durable, early.hex, 1)
    assert line["seconds"] >= 1
    assert line.keys() - {"log_level"} <= ALLOWED_KEYS


async def test_a_worker_that_hangs_after_publishing_loses_nothing_and_doubles_nothing(bench: Bench) -> None:
    await bench.set_up(consumers=[IMPATIENT])
    service = bench.service()
    tries: Counter[UUID] = Counter()
    released = asyncio.Event()

    async def handle(batch: Batch) -> list[Envelope]:
        events = await save(batch, service.database)
        tries.update(thing.event.thing_id for thing in batch)
        if max(tries.values()) == 1:
            await service.publish(events)
            await released.wait()
        return events

    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    (thing,) = await bench.publish("a")
    await bench.settled()
    released.set()

    assert tries[thing] == 2
    assert await bench.saved() == ["a"]
    assert await bench.count(RESULTS) == 1


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    service = bench.service()

    async def handle(batch: Batch) -> list[Envelope]:
        begun.set()
        await go_on.wait()
        return await save(batch, service.database)

    await bench.publish(*"abcdefgh")
    service.consume(ThingDone, handle, stream="THINGS", batch=1)
    running = await bench.start(service)
    await until(begun)
    stopping = asyncio.create_task(running.aclose())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(stopping, 20)

    finished = await bench.saved()
    assert 1 <= len(finished) <= 2  # one for each worker
    assert await bench.count(THINGS) == 8 - len(finished)
    assert await bench.count(RESULTS) == len(finished)


def read(message: Msg) -> Received[ThingDone]:
    return decode(ThingDone, message.subject, message.data, lambda: message.metadata.timestamp)


async def _rows(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(TABLE.select().with_only_columns(TABLE.c.label).order_by(TABLE.c.label))).scalars())
