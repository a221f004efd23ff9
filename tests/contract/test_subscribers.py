"""What services register with FastStream could not lose a message, nor make a stream, even if somebody started the broker (traps 1, 16)."""

from collections.abc import Iterable
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub

from fingerpost_shared.contracts.streams import CONSUMERS
from fingerpost_shared.contracts.subjects import SERVICES
from fingerpost_shared.runtime.service import Service

SAFE = {AckPolicy.MANUAL, AckPolicy.NACK_ON_ERROR}


def losing(subscribers: Iterable[Any]) -> list[str]:
    """The subscribers whose message would be gone once its handler raised."""
    return [str(each.subject.template) for each in subscribers if each.ack_policy not in SAFE]


def making_streams(subscribers: Iterable[Any]) -> list[str]:
    """The subscribers that would make a stream which is missing."""
    return [each.stream.name for each in subscribers if getattr(each, "stream", None) and each.stream.declare]


def test_what_faststream_does_by_default_is_what_this_file_looks_for() -> None:
    broker = NatsBroker()
    broker.subscriber("thing.done.v1.*", stream=JStream("THINGS"), durable="naive", pull_sub=PullSub(1))

    assert losing(broker.subscribers) == ["thing.done.v1.*"]
    assert making_streams(broker.subscribers) == ["THINGS"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_subscriber_of_a_service_would_lose_what_its_handler_fails_on(services: dict[str, Service], name: str) -> None:
    assert losing(services[name].broker.subscribers) == []


@pytest.mark.parametrize("name", SERVICES)
def test_no_subscriber_of_a_service_would_make_a_missing_stream(services: dict[str, Service], name: str) -> None:
    assert making_streams(services[name].broker.subscribers) == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_takes_from_its_consumers_and_from_all_of_them(services: dict[str, Service], name: str) -> None:
    durables = [each for each in services[name].broker.subscribers if getattr(each, "stream", None)]
    taken = {(each.stream.name, each.extra_options["durable"]) for each in durables}

    assert taken == {(each.stream, each.durable) for each in CONSUMERS if each.service == name}
