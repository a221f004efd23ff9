"""A sender of alerts whose database dies between sending and marking, or whose mail server is slow: nobody is mailed twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_local.databases import DATABASES
from fingerpost_local.servers import Servers, start_servers
from fingerpost_notifier.adapters import book as notifier_book
from fingerpost_notifier.adapters import sender as notifier_sender
from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import Mail, MailServer, NotSent
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.alerts import Alert, alerts_of
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.database import migrate, open_database
from fingerpost_shared.runtime.faults import passes_by_itself
from tests.unit.notifier.building import a_leg, alone, never
from tests.unit.router.building import write_partnership

HEREFORDSHIRE = Path("config/herefordshire")
RETRIES = (5.0, 30.0)


Send = Callable[[Sender, int], Coroutine[None, None, None]]


def wanted(count: int) -> tuple[list[LegRouted], list[Alert]]:
    legs = [a_leg(leg_id=UUID(int=number + 1), routed_at=datetime.now(UTC), alert=("police",)) for number in range(count)]
    return legs, [alert for leg in legs for alert in alerts_of(leg, "email")]


async def as_new(sender: Sender, count: int) -> None:
    """Alerts that go out as they are saved."""
    await sender.send_new(*wanted(count))


async def as_due(sender: Sender, count: int) -> None:
    """Alerts that have waited in the book. Where another sender has them all, the database may die while this one asks for more."""
    await sender.book.queue(*wanted(count), is_claimed=False)
    try:
        await sender.send_due()
    except Exception as error:
        if not passes_by_itself(error):
            raise


EACH_WAY = pytest.mark.parametrize("send", [as_new, as_due])


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    partnership = write_partnership(tmp_path_factory.mktemp("partnership"))
    with start_servers(tmp_path_factory.mktemp("parts"), partnership) as servers:
        migrate(servers.database_urls["notifier"], DATABASES["notifier"].scripts)
        yield servers


@pytest.fixture
async def engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    engine = open_database(servers.database_urls["notifier"], 8)
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE legs, alerts"))
    yield engine
    await engine.dispose()


@EACH_WAY
async def test_a_database_that_dies_between_sending_and_marking_has_nobody_mailed_twice(
    servers: Servers, engine: AsyncEngine, send: Send
) -> None:
    book = Book(engine)
    mailed = Mailed()

    async def die_at_the_fifth(count: int) -> None:
        if count == 5:
            servers.postgres.kill()

    mailed.meanwhile = die_at_the_fifth
    sending = asyncio.create_task(send(a_sender(book, mailed), 12))
    while servers.postgres.process is None or servers.postgres.process.poll() is None:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    await asyncio.to_thread(servers.postgres.start)
    await asyncio.wait_for(sending, 30)

    assert set(mailed.copies.values()) == {1}
    assert await states(engine) == {("sent", 0): len(mailed.copies)}


@EACH_WAY
@pytest.mark.parametrize(
    ("settled_at_once", "expected"),
    [
        # what was not sent when the lease ended is claimed again, and nobody can know that it was not sent
        pytest.param(4, {("sent", 0): 8, ("sent", 1): 4}, id="between"),
        pytest.param(64, {("sent", 0): 12}, id="at the end"),
    ],
)
async def test_a_database_that_is_away_for_longer_than_the_lease_has_nobody_mailed_twice(
    servers: Servers,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    send: Send,
    settled_at_once: int,
    expected: dict[tuple[str, int], int],
) -> None:
    monkeypatch.setattr(notifier_sender, "SETTLED_AT_ONCE", settled_at_once)
    monkeypatch.setattr(notifier_sender, "RENEW_SECONDS", 0.2)
    for module in (notifier_book, notifier_sender):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=1))
    book = Book(engine)
    mailed = Mailed()

    async def die_at_the_fifth(count: int) -> None:
        if count == 5:
            servers.postgres.kill()

    mailed.meanwhile = die_at_the_fifth
    first = asyncio.create_task(send(a_sender(book, mailed), 12))
    second = asyncio.create_task(send_again_and_again(a_sender(book, mailed), mailed, 12))
    while servers.postgres.process is None or servers.postgres.process.poll() is None:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    await asyncio.sleep(2)
    await asyncio.to_thread(servers.postgres.start)
    await asyncio.wait_for(asyncio.gather(first, second), 30)

    assert set(mailed.copies.values()) == {1}
    assert await states(engine) == expected


@EACH_WAY
async def test_a_mail_server_slower_than_the_lease_has_nobody_mailed_twice(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    monkeypatch.setattr(notifier_book, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(notifier_sender, "RENEW_SECONDS", 0.2)
    book = Book(engine)
    mailed = Mailed()

    async def dawdle(_count: int) -> None:
        await asyncio.sleep(0.2)

    mailed.meanwhile = dawdle
    first = asyncio.create_task(send(a_sender(book, mailed), 8))
    second = a_sender(book, mailed)
    while not mailed.copies:  # noqa: ASYNC110 - the first has the claim once it sends
        await asyncio.sleep(0.01)
    while not first.done():
        await second.send_due()
        await asyncio.sleep(0.05)
    await first

    assert set(mailed.copies.values()) == {1}
    assert await states(engine) == {("sent", 0): len(mailed.copies)}


class Mailed(MailServer):
    """A mail server that takes everything and counts it; `meanwhile` happens during each message."""

    def __init__(self) -> None:
        super().__init__("smtp://127.0.0.1:25", "alerts@csp.example")
        self.copies: Counter[str] = Counter()

    @property
    def is_open(self) -> bool:
        return True

    async def meanwhile(self, count: int) -> None:
        """Nothing, unless a test says otherwise."""

    async def send(self, mails: Sequence[Mail], goes_on: Callable[[], bool]) -> AsyncGenerator[NotSent | None]:
        for mail in mails:
            if not goes_on():
                return
            self.copies[mail.message_id] += 1
            await self.meanwhile(self.copies.total())
            yield None


def a_sender(book: Book, server: MailServer) -> Sender:
    directory, wording = read_directory(HEREFORDSHIRE / "directory.yaml"), read_wording(HEREFORDSHIRE / "messages")
    return Sender("urgent", book, server, wording, directory, "https://console.example", RETRIES, alone, never)


async def send_again_and_again(sender: Sender, mailed: Mailed, count: int) -> None:
    """As the service does: a turn that fails is followed by the next. Until this many were sent."""
    while mailed.copies.total() < count:
        try:
            await sender.send_due()
        except Exception as error:
            if not passes_by_itself(error):
                raise
        await asyncio.sleep(0.05)


async def states(engine: AsyncEngine) -> dict[tuple[str, int], int]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT state, unseen_attempts FROM alerts"))
        return dict(Counter((row.state, row.unseen_attempts) for row in rows))
