"""What a service does besides taking messages: it answers, does chores, waits for its streams, and says when it is ready."""

import asyncio
import json
import sys

import httpx
import pytest
from nats.aio.client import Client
from pydantic import BaseModel

from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.runtime.asking import Refused, Unanswered, ask
from fingerpost_shared.runtime.service import Service
from tests.integration.runtime.bench import TAKING, THINGS, Bench, ThingDone, seen, until
from tests.support.live import eventually


class Doubled(BaseModel):
    """The answer of the tiny service."""

    number: int


class DoubleQuery(Query[Doubled], subject="query.tiny.double.v1", answer=Doubled):
    """Twice a number."""

    number: int


async def double(query: DoubleQuery) -> Doubled:
    if query.number == 13:
        raise RuntimeError("canary")
    return Doubled(number=query.number * 2)


async def wired(bench: Bench) -> Service:
    service = bench.service()
    service.answer(DoubleQuery, double)
    await bench.start(service)
    await eventually(lambda: is_ready(service))
    return service


async def readiness(service: Service) -> tuple[int, list[str]]:
    transport = httpx.ASGITransport(service.http)
    async with httpx.AsyncClient(transport=transport, base_url="http://tiny.example") as client:
        answer = await client.get("/readyz")
        return answer.status_code, answer.json()["lacking"]


async def is_ready(service: Service) -> bool:
    return (await readiness(service))[0] == 200


async def raw(client: Client, body: bytes) -> bytes:
    return (await client.request("query.tiny.double.v1", body, timeout=10)).data


async def test_a_question_gets_its_answer(bench: Bench) -> None:
    await wired(bench)
    assert await ask(bench.nats, DoubleQuery(number=21)) == Doubled(number=42)


@pytest.mark.parametrize("question", [b"", b"canary", b'{"number": "canary"}', b'{"number": 1, "canary": 2}', b"\xff", b"[" * 50_000])
async def test_a_question_that_cannot_be_read_is_refused_without_repeating_it(bench: Bench, question: bytes) -> None:
    await wired(bench)
    refusal = await raw(bench.nats, question)
    assert b'"error":"invalid"' in refusal
    assert b"canary" not in refusal


async def test_a_question_that_cannot_be_answered_is_refused_without_the_reason(bench: Bench) -> None:
    await wired(bench)
    with pytest.raises(Refused, match="failed: The service could not answer just now"):
        await ask(bench.nats, DoubleQuery(number=13))
    assert await ask(bench.nats, DoubleQuery(number=1)) == Doubled(number=2)


async def test_a_question_that_nobody_answers_says_who_was_asked(bench: Bench) -> None:
    with pytest.raises(Unanswered, match=r"tiny did not answer query\.tiny\.double\.v1"):
        await ask(bench.nats, DoubleQuery(number=1), timeout_seconds=0.5)


async def test_a_question_asked_before_the_service_is_there_is_answered_once_it_is(bench: Bench) -> None:
    asked = asyncio.create_task(ask(bench.nats, DoubleQuery(number=3), timeout_seconds=20))
    await asyncio.sleep(0.3)
    await wired(bench)
    assert await asked == Doubled(number=6)


async def test_a_chore_goes_on_after_it_failed(bench: Bench) -> None:
    turns: list[int] = []
    third = asyncio.Event()

    async def chore() -> None:
        turns.append(len(turns))
        if len(turns) < 3:
            raise RuntimeError("canary")
        third.set()

    service = bench.service()
    service.every(0.05, chore)
    await bench.start(service)
    await until(third)


async def test_a_chore_is_woken_before_its_time(bench: Bench) -> None:
    wake, ran, turns = asyncio.Event(), asyncio.Event(), []

    async def chore() -> None:
        turns.append(1)
        ran.set()

    service = bench.service()
    service.every(3600, chore, wake=wake)
    await bench.start(service)
    await until(ran)
    ran.clear()
    wake.set()
    await until(ran)
    assert len(turns) == 2


async def test_what_must_come_first_is_tried_until_it_succeeds_and_nothing_is_taken_before(bench: Bench) -> None:
    order: list[str] = []

    async def prepare() -> None:
        order.append("prepare")
        if len(order) < 2:
            raise ConnectionError

    async def handle(batch):
        order.append("handle")
        return [seen(thing) for thing in batch]

    await bench.publish("a")
    service = bench.service()
    service.before_consuming(prepare)
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await bench.settled()
    assert order == ["prepare", "prepare", "handle"]


async def test_a_service_waits_for_a_missing_stream_and_never_makes_it(bench: Bench) -> None:
    """Trap 16: with a wrong encryption key the streams are just not there. Making new ones would hide it."""
    await bench.drop(THINGS.name)

    async def handle(batch):
        return [seen(thing) for thing in batch]

    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await asyncio.sleep(1.5)
    names = {info.config.name for info in await bench.jetstream.streams_info()}
    status, lacking = await readiness(service)
    await bench.set_up(THINGS, consumers=[TAKING])
    await eventually(lambda: is_ready(service))
    await bench.publish("a")
    await bench.settled()

    assert THINGS.name not in names
    assert status == 503
    assert "nats" in lacking


async def test_a_service_whose_database_is_away_is_not_ready_unless_it_is_an_edge(bench: Bench) -> None:
    service = await wired(bench)
    service.open_database("postgresql://nobody@127.0.0.1:1/none")
    as_any = await readiness(service)
    service.is_ready_without_database = True
    as_edge = await readiness(service)

    assert as_any == (503, ["database"])
    assert as_edge == (200, [])


async def test_what_is_still_to_take_is_counted(bench: Bench) -> None:
    go_on = asyncio.Event()

    async def handle(batch):
        await go_on.wait()
        return []

    await bench.publish("a", "b", "c")
    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await eventually(lambda: is_ready(service))
    assert await service.pending() == 3
    go_on.set()
    await bench.settled()
    assert await service.pending() == 0


CANNOT_START = """
import sys
from pathlib import Path

from fingerpost_shared.runtime.service import Service
from fingerpost_shared.runtime.settings import ServiceSettings
from tests.integration.runtime.test_service import DoubleQuery, double


class OddQuery(DoubleQuery, subject="query.tiny.no subject", answer=DoubleQuery.answer):
    pass


service = Service("tiny", ServiceSettings(nats_url=sys.argv[1], nats_seed_file=Path(sys.argv[2]), http_port=0))
service.answer(OddQuery, double)
service.serve()
"""


async def test_a_service_that_cannot_start_says_why_and_ends_so_that_it_is_started_again(bench: Bench) -> None:
    arguments = (bench.servers.nats_url, str(bench.servers.seeds["operator"]))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CANNOT_START, *arguments, stdout=asyncio.subprocess.PIPE)

    output, _ = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 1
    assert "service_not_started" in [json.loads(line)["event"] for line in output.splitlines()]
