"""A console over an in-memory system, and browsers of people who are signed in to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from fingerpost_console.app import add_pages
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.partnership import settings_in
from tests.unit.console.reading import Reading


class Browser(NamedTuple):
    """Somebody's browser."""

    client: AsyncClient

    async def open(self, address: str, status: int = 200) -> Reading:
        """Read a page, and hold it to its status."""
        answer = await self.client.get(address)
        assert answer.status_code == status, answer.text
        return Reading(answer.text)

    async def send(self, address: str, fields: dict[str, str]) -> Response:
        """Send a form and do not follow."""
        return await self.client.post(address, data=fields)


SignIn = Callable[[str], Awaitable[Browser]]


@pytest.fixture(scope="session")
def shared_system() -> FakeSystem:
    """The rest of the system, made once, for templates are slow to compile."""
    return FakeSystem()


@pytest.fixture
def system(shared_system: FakeSystem) -> FakeSystem:
    """The rest of the system, empty."""
    vars(shared_system).update(vars(FakeSystem()))
    return shared_system


@pytest.fixture(scope="session")
def application(shared_system: FakeSystem, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The console's pages over the system."""
    http = FastAPI()
    settings = settings_in(tmp_path_factory.mktemp("partnership"))
    add_pages(http, settings, shared_system, shared_system, shared_system, lambda: shared_system.now)
    return http


@pytest.fixture
async def stranger(application: FastAPI, system: FakeSystem) -> AsyncIterator[Browser]:
    """A browser in which nobody is signed in."""
    async with AsyncClient(transport=ASGITransport(application), base_url="http://console.example") as client:
        yield Browser(client)


@pytest.fixture
async def sign_in(application: FastAPI, system: FakeSystem) -> AsyncIterator[SignIn]:
    """Signs a person in, in a browser of their own."""
    async with AsyncExitStack() as stack:

        async def as_person(person: str) -> Browser:
            client = AsyncClient(transport=ASGITransport(application), base_url="http://console.example")
            browser = Browser(await stack.enter_async_context(client))
            form = (await browser.open("/sign-in")).form("/sign-in")
            answer = await browser.send("/sign-in", {**form.fields, "person": person})
            assert answer.status_code == 303, answer.text
            return browser

        yield as_person
