"""Pull keeps taking, whatever happens to the connection or the server, and takes no longer than it must to hand on what is there."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from nats.aio.msg import Msg

from fingerpost_shared.runtime import pulling as pulling_module
from fingerpost_shared.runtime.pulling import EXPIRES_SECONDS, Pull
from tests.integration.runtime.bench import RESULTS, TAKING, THINGS, Bench, ThingDone, seen
from tests.support.live import eventually


@asynccontextmanager
async def pulling(bench: Bench, batch: int = 4) -> AsyncGenerator[Pull]:
    pull = Pull(bench.nats, THINGS.name, TAKING.durable, batch, lambda message: b"large" in message.data)
    await pull.open()
    yield pull
    await pull.close()


def label_of(message: Msg) -> str:
    return json.loads(message.data)["data"]["label"]


async def _have_arrived(pull: Pull, count: int) -> bool:
    return len(pull._arrived) + len(pull._large) == count  # pyright: ignore[reportPrivateUsage]


async def take(pull: Pull, count: int) -> list[Msg]:
    taken: list[Msg] = []
    while len(taken) < count:
        batch = await asyncio.wait_for(pull.next_batch(), 20)
        for message in batch:
            await message.ack()
        pull.finish(batch)
        taken += batch
    return taken


async def test_a_lone_message_is_handed_on_without_waiting_for_others(bench: Bench) -> None:
    async with pulling(bench) as pull:
        started = time.monotonic()
        await bench.publish("a")
        batch = await asyncio.wait_for(pull.next_batch(), 20)

    assert len(batch) == 1
    assert time.monotonic() - started < 5  # a fetch that fills its batch would wait 20 s


async def test_a_backlog_comes_whole_once_each_and_in_batches_of_the_asked_size(bench: Bench) -> None:
    await bench.publish(*map(str, range(50)))
    sizes: list[int] = []
    numbers: list[int] = []
    async with pulling(bench, batch=8) as pull:
        while len(numbers) < 50:
            batch = await asyncio.wait_for(pull.next_batch(), 20)
            sizes.append(len(batch))
            numbers += [message.metadata.sequence.stream for message in batch]
            for message in batch:
                await message.ack()

    assert sorted(numbers) == sorted(set(numbers))
    assert len(numbers) == 50
    assert max(sizes) <= 8
    await bench.settled()


async def test_two_workers_on_one_pull_share_and_miss_nothing(bench: Bench) -> None:
    await bench.publish(*map(str, range(40)))
    async with pulling(bench, batch=8) as pull:
        shares = await asyncio.gather(take(pull, 16), take(pull, 16))

    taken = [message.metadata.sequence.stream for share in shares for message in share]
    assert len(set(taken)) == len(taken) >= 32


async def test_a_large_message_goes_alone_and_all_others_overtake_the_next(bench: Bench) -> None:
    await bench.publish("large 1", "large 2", "large 3", "a")
    async with pulling(bench, batch=8) as pull:
        await eventually(lambda: _have_arrived(pull, 4))
        first = await pull.next_batch()
        assert [label_of(message) for message in first] == ["large 1"]
        assert [label_of(message) for message in await pull.next_batch()] == ["a"]
        await bench.publish("b")
        assert [label_of(message) for message in await asyncio.wait_for(pull.next_batch(), 5)] == ["b"]
        waiting = asyncio.create_task(pull.next_batch())
        await asyncio.sleep(0.2)
        assert not waiting.done()

        pull.finish(first)

        assert [label_of(message) for message in await asyncio.wait_for(waiting, 5)] == ["large 2"]


async def test_many_large_messages_keep_nothing_that_is_small_from_coming(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling_module, "MOST_LARGE", 3)
    monkeypatch.setattr(pulling_module, "GIVEN_BACK_SECONDS", 0.5)
    await bench.publish(*(f"large {number}" for number in range(20)), "a")
    done: list[str] = []
    async with pulling(bench) as pull:
        first = await pull.next_batch()
        assert [label_of(message) for message in await asyncio.wait_for(pull.next_batch(), 5)] == ["a"]
        while first:
            done += map(label_of, first)
            await first[0].ack()
            pull.finish(first)
            first = await asyncio.wait_for(pull.next_batch(), 5) if len(done) < 20 else []
    assert sorted(done) == sorted(f"large {number}" for number in range(20))


async def test_what_is_kept_is_not_delivered_a_second_time_in_hand_or_not(bench: Bench) -> None:
    ack_wait = 3.0
    await bench.set_up(consumers=[replace(TAKING, ack_wait_seconds=ack_wait)])
    await bench.publish("a", "b", "large 1", "large 2")
    async with pulling(bench, batch=1) as pull:
        in_hand = [await pull.next_batch() for _ in range(2)]
        until = time.monotonic() + 2 * ack_wait
        while time.monotonic() < until:
            await pull.keep()
            await asyncio.sleep(ack_wait / 8)
        for batch in in_hand:
            await batch[0].ack()
            pull.finish(batch)
        rest = await take(pull, 2)
    assert {message.metadata.num_delivered for message in (*in_hand[0], *in_hand[1], *rest)} == {1}


async def test_what_was_given_back_is_not_kept_and_comes_again_when_it_should(bench: Bench) -> None:
    await bench.publish("a")
    async with pulling(bench, batch=1) as pull:
        given_back = await pull.next_batch()
        await given_back[0].nak(delay=1)
        await pull.keep()
        pull.finish(given_back)
        (again,) = await asyncio.wait_for(pull.next_batch(), TAKING.ack_wait_seconds / 2)
        await again.ack()
    assert again.metadata.num_delivered == 2


async def test_closing_wakes_who_waits_and_the_rest_comes_again(bench: Bench) -> None:
    async with pulling(bench) as pull:
        waiting = asyncio.create_task(pull.next_batch())
        await asyncio.sleep(0)
    assert await asyncio.wait_for(waiting, 5) == []


async def test_a_message_that_looks_like_the_servers_own_word_is_still_a_message(bench: Bench) -> None:
    async with pulling(bench) as pull:
        await bench.jetstream.publish("thing.done.v1.x", b"{}", headers={"Status": "404"})
        (taken,) = await take(pull, 1)
    assert taken.data == b"{}"


async def test_when_a_consumer_is_made_anew_the_order_is_placed_again(bench: Bench) -> None:
    async with pulling(bench) as pull:
        await eventually(lambda: _has_ordered(bench))
        await bench.jetstream.delete_consumer(THINGS.name, TAKING.durable)
        await bench.set_up(consumers=[TAKING])
        await bench.publish("a")

        assert len(await take(pull, 1)) == 1


async def test_a_service_goes_on_after_its_server_was_killed_and_started_again(bench: Bench) -> None:
    service = bench.service()
    handled: list[str] = []

    async def handle(batch):
        handled.extend(thing.event.label for thing in batch)
        return [seen(thing) for thing in batch]

    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await bench.publish("before")
    await bench.settled()

    bench.servers.nats.kill()
    await asyncio.to_thread(bench.servers.nats.start)
    await eventually(lambda: _is_connected(bench))
    await bench.publish("after", "and more")
    await bench.settled()

    assert sorted(set(handled)) == ["after", "and more", "before"]
    assert await bench.count(RESULTS) == 3


async def test_after_a_reconnect_a_backlog_flows_at_once(bench: Bench) -> None:
    """The server forgets an order when the connection breaks: to count on it stalled the flow until it would have expired."""
    async with pulling(bench, batch=4) as pull:
        await eventually(lambda: _has_ordered(bench))
        bench.servers.nats.kill()
        await asyncio.to_thread(bench.servers.nats.start)
        await eventually(lambda: _is_connected(bench))
        await pull.reorder()  # as the service does
        await bench.publish(*map(str, range(20)))

        taken = await asyncio.wait_for(take(pull, 20), EXPIRES_SECONDS / 2)

    assert len(taken) == 20


async def test_orders_that_run_out_half_used_do_not_pile_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each order that ran out was replaced by a whole one, whatever else was ordered: a quiet service held ever more of a stream."""
    monkeypatch.setattr(pulling_module, "EXPIRES_SECONDS", 0.5)
    async with pulling(bench, batch=4) as pull:
        for _ in range(8):
            await bench.publish("a", "b", "c")
            await take(pull, 3)
            await asyncio.sleep(0.6)
        waiting = (await bench.jetstream.consumer_info(THINGS.name, TAKING.durable)).num_waiting

    assert waiting is not None
    assert 1 <= waiting <= 2


async def _is_connected(bench: Bench) -> bool:
    return bench.nats.is_connected


async def _has_ordered(bench: Bench) -> bool:
    return bool((await bench.jetstream.consumer_info(THINGS.name, TAKING.durable)).num_waiting)
