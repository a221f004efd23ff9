"""What a service does besides taking messages: it answers, does chores, waits for its streams, and says when it is ready."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from pydantic import BaseModel
from structlog.testing import capture_logs

from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.runtime import connection, consuming, pulling
from fingerpost_shared.runtime.asking import Refused, Unanswered, ask
from fingerpost_shared.runtime.publishing import Publisher
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


async def not_started(service: Service, bench: Bench) -> MutableMapping[str, Any]:
    """The line that says why a service could not start."""
    with capture_logs() as lines:

        async def told() -> list[MutableMapping[str, Any]]:
            return [line for line in lines if line["event"] == "service_not_started"]

        await bench.start(service)
        (line,) = await eventually(told)
    return line


async def test_a_fault_of_somebody_elses_that_keeps_a_service_from_starting_is_told_without_its_text(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_publisher: Publisher) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(Publisher, "open", fail)
    line = await not_started(bench.service(), bench)

    assert line["error"] == "RuntimeError"
    assert line["where"].endswith(" fail")
    assert "canary" not in str(line)


async def test_a_server_that_is_too_old_is_told_with_what_is_needed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OLDEST_SERVER", (99, 0, 0))
    line = await not_started(bench.service(), bench)

    assert line["reason"].endswith("2.12.3 or later is needed")


ENDS_TOO_EARLY = """
import asyncio
import sys
from pathlib import Path

from fingerpost_shared.runtime.pulling import Pull
from fingerpost_shared.runtime.service import Service
from fingerpost_shared.runtime.settings import ServiceSettings
from tests.integration.runtime.bench import ThingDone


async def leak():
    raise asyncio.CancelledError


async def fail(_pull):
    raise RuntimeError("canary")


async def nothing(_pull):
    return []


async def handle(_batch):
    return []


service = Service("tiny", ServiceSettings(nats_url=sys.argv[1], nats_seed_file=Path(sys.argv[2]), http_port=0))
service.consume(ThingDone, handle, stream="THINGS")
match sys.argv[3]:
    case "chore":
        service.every(0.1, leak)
    case "raises":
        Pull.next_batch = fail
    case "returns":
        Pull.next_batch = nothing
service.serve()
"""


@pytest.mark.parametrize(
    ("what", "name", "error"),
    [("chore", "leak", "CancelledError"), ("raises", TAKING.durable, "RuntimeError"), ("returns", TAKING.durable, None)],
)
async def test_a_worker_or_chore_that_ends_too_early_ends_the_process_so_that_it_is_started_again(
    bench: Bench, what: str, name: str, error: str | None
) -> None:
    arguments = (bench.servers.nats_url, str(bench.servers.seeds["operator"]), what)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ENDS_TOO_EARLY, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()

    assert process.returncode == 1
    ended = [line for line in map(json.loads, output.splitlines()) if line["event"] == "task_ended"]
    assert ended
    assert {(line["reason"], line.get("error")) for line in ended} == {(name, error)}
    assert b"canary" not in output


async def test_a_service_that_is_told_to_stop_ends_its_workers_and_chores_without_a_word(bench: Bench) -> None:
    service = bench.service()
    service.consume(ThingDone, no_events, stream="THINGS")
    with capture_logs() as lines:
        running = await bench.start(service)
        await eventually(lambda: is_ready(service))
        await running.aclose()

    assert all(task.done() for task in service._tasks)
    assert "task_ended" not in [line["event"] for line in lines]


async def no_events(_batch: object) -> list[Any]:
    return []


async def is_said_to_be_stuck(service: Service) -> bool:
    return await readiness(service) == (503, [f"consumer {TAKING.durable}"])


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """Readiness loses it sooner than in earnest, and orders run out sooner."""
    assert consuming.PATIENCE_SECONDS >= 60
    monkeypatch.setattr(consuming, "PATIENCE_SECONDS", 3.0)
    monkeypatch.setattr(pulling, "EXPIRES_SECONDS", 1.0)
    return 3.0


async def test_a_worker_that_does_not_come_back_makes_the_service_not_ready_until_it_does(bench: Bench, patience: float) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(batch):
        begun.set()
        await go_on.wait()
        return [seen(thing) for thing in batch]

    service = bench.service()
    service.consume(ThingDone, handle, stream="THINGS")
    await bench.start(service)
    await bench.publish("a")
    await until(begun)
    began_at = time.monotonic()
    while time.monotonic() - began_at < patience / 2:
        assert await is_ready(service)  # a slow batch is no fault
        await asyncio.sleep(0.1)
    await eventually(lambda: is_said_to_be_stuck(service))
    stuck_after = time.monotonic() - began_at
    go_on.set()
    await eventually(lambda: is_ready(service))

    assert stuck_after > patience - 0.2


async def test_a_consumer_that_has_nothing_to_do_is_ready(bench: Bench, patience: float) -> None:
    service = bench.service()
    service.consume(ThingDone, no_events, stream="THINGS")
    await bench.start(service)
    await eventually(lambda: is_ready(service))
    until_then = time.monotonic() + 1.5 * patience
    while time.monotonic() < until_then:
        assert await is_ready(service)
        await asyncio.sleep(0.1)


async def test_an_order_that_the_server_does_not_answer_makes_the_service_not_ready_until_it_does(bench: Bench, patience: float) -> None:
    service = bench.service()
    service.consume(ThingDone, no_events, stream="THINGS")
    await bench.start(service)
    await eventually(lambda: is_ready(service))
    server = bench.servers.nats.process
    assert server is not None
    server.send_signal(signal.SIGSTOP)  # the connection stands, and nothing comes over it
    try:
        await eventually(lambda: is_said_to_be_stuck(service))
    finally:
        server.send_signal(signal.SIGCONT)
    await eventually(lambda: is_ready(service))


async def test_a_consumer_that_is_gone_makes_the_service_not_ready_until_it_is_there_again(bench: Bench, patience: float) -> None:
    service = bench.service()
    service.consume(ThingDone, no_events, stream="THINGS")
    await bench.start(service)
    await eventually(lambda: is_ready(service))
    await bench.jetstream.delete_consumer(THINGS.name, TAKING.durable)
    await eventually(lambda: is_said_to_be_stuck(service))
    await bench.set_up(consumers=[TAKING])
    await eventually(lambda: is_ready(service))
