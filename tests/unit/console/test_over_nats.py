"""The console's two adapters to NATS, on a real server: asking, and acting."""

import asyncio
import json
import socket
import sysconfig
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import jwt
import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from fingerpost_console.adapters import actions
from fingerpost_console.adapters.actions import NatsActions
from fingerpost_console.adapters.questions import NatsQuestions
from fingerpost_console.domain.asking import Unanswered, UnknownYet
from fingerpost_console.domain.people import Viewer
from fingerpost_shared.contracts.actions import ActionAnswered, answer_subject
from fingerpost_shared.contracts.envelope import decode
from fingerpost_shared.contracts.events import ActionSubmitted
from fingerpost_shared.contracts.queries.router import QueuesPage, QueuesQuery
from fingerpost_shared.runtime.service import Service
from tests.unit.console.partnership import settings_in

DANA = Viewer("dana", "Dana Sample", "matac", ("caseworker",), "matac", is_of_a_board=False)
KEY = b"k" * 32
SUBJECT = "action.submitted.v1.router.console"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a NATS server with JetStream."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    binary = Path(sysconfig.get_path("scripts")) / "nats-server"
    store = tmp_path_factory.mktemp("jetstream")
    arguments = ("-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(store))
    process = await asyncio.create_subprocess_exec(binary, *arguments, stderr=asyncio.subprocess.DEVNULL)
    yield f"nats://127.0.0.1:{port}"
    process.terminate()
    await process.wait()


@pytest.fixture
async def other(server: str) -> AsyncIterator[Client]:
    """The rest of the system: a client beside the console's own. The stream of actions is there, and empty."""
    client = await nats.connect(server)
    await client.jetstream().add_stream(name="ACTIONS", subjects=["action.submitted.v1.*.*"])
    yield client
    await client.jetstream().delete_stream("ACTIONS")
    await client.close()


@pytest.fixture
async def service(server: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The console's service, connected."""
    service = Service("console", settings_in(tmp_path, nats_url=server))
    async with service.http.router.lifespan_context(service.http):
        await connected(service)
        yield service


async def connected(service: Service) -> None:
    """Wait until the service has its connection."""
    for _ in range(200):
        try:
            service.nats  # noqa: B018 - it raises until there is one
        except ConnectionError:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("the service never connected")


def an_acknowledgement(action_id: UUID | None = None) -> ActionSubmitted:
    return ActionSubmitted(action_id=action_id or uuid4(), leg_id=uuid4(), action="acknowledge", expected_version=1, by="Dana Sample")


@asynccontextmanager
async def a_router(client: Client, answer: Callable[[Msg], Awaitable[None]]) -> AsyncGenerator[None]:
    """Somebody who takes actions from the stream, as the router does."""
    subscription = await client.jetstream().subscribe(SUBJECT, stream="ACTIONS", cb=answer)
    yield
    await subscription.unsubscribe()


async def test_an_action_is_stored_signed_for_the_person_and_its_answer_comes_back(service: Service, other: Client) -> None:
    heard: list[ActionSubmitted] = []

    async def answer(message: Msg) -> None:
        action = decode(ActionSubmitted, message.subject, message.data, lambda: datetime.now(UTC)).event
        heard.append(action)
        answered = ActionAnswered(action_id=action.action_id, result="done", code="acknowledged", help="It is yours.")
        await other.publish(answer_subject("console", action.action_id), answered.model_dump_json().encode())

    action = an_acknowledgement()
    async with a_router(other, answer):
        answered = await NatsActions(service, KEY).act(action, DANA)

    assert answered.result == "done"
    claims = jwt.decode(heard[0].assertion or "", KEY, algorithms=["HS256"], audience="router")
    assert (claims["name"], claims["works_for"], claims["action_id"]) == ("Dana Sample", "matac", str(action.action_id))
    assert (await other.jetstream().stream_info("ACTIONS")).state.messages == 1


async def test_a_second_click_reaches_the_router_too_which_answers_it_the_same(service: Service, other: Client) -> None:
    async def answer(message: Msg) -> None:
        action_id = UUID(json.loads(message.data)["data"]["action_id"])
        answered = ActionAnswered(action_id=action_id, result="done", code="acknowledged", help="It is yours.")
        await other.publish(answer_subject("console", action_id), answered.model_dump_json().encode())

    action = an_acknowledgement()
    async with a_router(other, answer):
        first = await NatsActions(service, KEY).act(action, DANA)
        second = await NatsActions(service, KEY).act(action, DANA)

    assert first == second


async def test_an_action_without_an_answer_is_known_to_be_stored(service: Service, other: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ANSWER_SECONDS", 1.0)

    with pytest.raises(UnknownYet):
        await NatsActions(service, KEY).act(an_acknowledgement(), DANA)

    assert (await other.jetstream().stream_info("ACTIONS")).state.messages == 1


async def test_an_action_that_nothing_stores_is_not_called_stored(service: Service) -> None:
    with pytest.raises(Unanswered) as caught:
        await NatsActions(service, KEY).act(an_acknowledgement(), DANA)

    assert not isinstance(caught.value, UnknownYet)


async def test_a_question_is_answered(service: Service, other: Client) -> None:
    async def answer(message: Msg) -> None:
        await message.respond(QueuesPage(queues=()).model_dump_json().encode())

    await other.subscribe(QueuesQuery.subject, cb=answer)
    await other.flush()

    assert await NatsQuestions(service).ask(QueuesQuery()) == QueuesPage(queues=())


async def test_a_refusal_names_the_service_like_silence_does(service: Service, other: Client) -> None:
    async def refuse(message: Msg) -> None:
        await message.respond(b'{"error": "failed", "help": "Ask again."}')

    subscription = await other.subscribe(QueuesQuery.subject, cb=refuse)
    await other.flush()

    with pytest.raises(Unanswered) as caught:
        await NatsQuestions(service).ask(QueuesQuery())

    assert caught.value.service == "router"
    await subscription.unsubscribe()


async def test_before_there_is_a_connection_every_part_is_silent(tmp_path: Path) -> None:
    service = Service("console", settings_in(tmp_path))

    with pytest.raises(Unanswered):
        await NatsQuestions(service).ask(QueuesQuery())
    with pytest.raises(Unanswered):
        await NatsActions(service, KEY).act(an_acknowledgement(), DANA)
