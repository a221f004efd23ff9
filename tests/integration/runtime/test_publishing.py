"""An event is published when JetStream says that it has it, and not before."""

from uuid import uuid4

import pytest

from fingerpost_shared.contracts.envelope import CONTENT_TYPE, Envelope
from fingerpost_shared.runtime.publishing import Answer, NotStored, Publisher
from tests.integration.runtime.bench import NAME, RESULTS, THINGS, Bench, ThingDone, ThingSeen, now_utc


def event() -> Envelope:
    return Envelope(ThingSeen(thing_id=uuid4()), uuid4(), now_utc())


@pytest.fixture
async def publisher(bench: Bench) -> Publisher:
    made = Publisher(bench.nats, NAME)
    await made.open()
    return made


async def test_a_batch_is_stored_when_publishing_returns(bench: Bench, publisher: Publisher) -> None:
    await publisher.publish([event() for _ in range(300)])
    assert await bench.count(RESULTS) == 300


async def test_the_same_events_again_are_stored_once(bench: Bench, publisher: Publisher) -> None:
    events = [event() for _ in range(5)]
    await publisher.publish(events)
    await publisher.publish([*events, event()])
    assert await bench.count(RESULTS) == 6


async def test_an_event_that_a_stream_lost_is_stored_again_under_the_same_id(bench: Bench, publisher: Publisher) -> None:
    lost = event()
    await publisher.publish([lost])
    await bench.jetstream.purge_stream(RESULTS.name)

    await publisher.publish([lost])
    after_publish = await bench.count(RESULTS)
    await publisher.publish_again([lost])

    assert after_publish == 0  # the duplicate window swallowed it
    assert await bench.count(RESULTS) == 1


async def test_a_stored_event_carries_its_id_and_its_type(bench: Bench, publisher: Publisher) -> None:
    sent = event()
    await publisher.publish([sent])

    stored = await bench.jetstream.get_msg(RESULTS.name, 1)

    assert stored.headers == {"Content-Type": CONTENT_TYPE, "Nats-Msg-Id": str(sent.id)}
    assert stored.data == sent.encode(NAME)


async def test_an_event_that_no_stream_takes_is_not_published(bench: Bench, publisher: Publisher) -> None:
    await bench.drop(RESULTS.name)
    with pytest.raises(NotStored, match="no stream takes this subject"):
        await publisher.publish([event()])


async def test_one_event_of_a_batch_without_a_stream_fails_the_batch(bench: Bench, publisher: Publisher) -> None:
    await bench.drop(THINGS.name)
    orphan = Envelope(ThingDone(thing_id=uuid4(), label="a"), uuid4(), now_utc())
    with pytest.raises(NotStored):
        await publisher.publish([event(), orphan, event()])


async def test_an_event_that_a_full_stream_refuses_is_not_published(bench: Bench, publisher: Publisher) -> None:
    await bench.jetstream.update_stream(name=RESULTS.name, max_msgs=1, discard="new", subjects=list(RESULTS.subjects))
    await publisher.publish([event()])
    with pytest.raises(NotStored, match="maximum messages exceeded"):
        await publisher.publish([event()])


async def test_an_answer_reaches_who_listens_and_is_stored_nowhere(bench: Bench, publisher: Publisher) -> None:
    listening = await bench.nats.subscribe("thing.answered.v1.x")
    await publisher.publish([Answer("thing.answered.v1.x", b"yes")])
    assert (await listening.next_msg(timeout=10)).data == b"yes"


async def test_publishing_nothing_is_no_work(publisher: Publisher) -> None:
    await publisher.publish([])
