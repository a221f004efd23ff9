"""What the router counts of its decisions, read where whoever watches it reads it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_local.keys import make_keys
from fingerpost_local.parties import read_parties
from fingerpost_local.servers import Servers
from fingerpost_router.app import create_app
from fingerpost_router.domain.snapshots import Snapshot
from fingerpost_router.settings import RouterSettings
from fingerpost_shared.runtime.service import Service
from tests.integration.router.routing import received
from tests.unit.router.building import a_referral, write_partnership


@pytest.fixture
async def router(engine: AsyncEngine, databases: Servers, tmp_path: Path) -> AsyncIterator[Service]:
    """The router as it is wired, on an empty book and without NATS."""
    partnership = write_partnership(tmp_path)
    make_keys(tmp_path / "keys", read_parties(partnership))
    url = databases.database_urls["router"]
    service = create_app(RouterSettings(database_url=url, keys_dir=tmp_path / "keys", partnership_dir=partnership))
    for do in service._first:
        await do()
    yield service
    await service.database.dispose()


async def take(router: Service, *batch: Snapshot) -> None:
    """Hand a batch to the router's first consumer, as its stream would."""
    await router._consumptions[0].delivery.handler([received(event) for event in batch])


async def unrouted(router: Service) -> float:
    """The figure at `/metrics`."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(router.http), base_url="http://router.example") as client:
        page = (await client.get("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return next(one.value for one in samples if (one.name, one.labels) == ("fingerpost_unrouted_decisions_total", {"service": "router"}))


async def test_a_referral_that_no_rule_gives_a_lead_is_counted_once_however_often_it_is_delivered(router: Service) -> None:
    before = await unrouted(router)
    hate_crime = [a_referral(name, kinds=("hate_crime",)) for name in ("one", "two")]

    await take(router, *hate_crime, a_referral("routed"))
    await take(router, *hate_crime)

    assert await unrouted(router) - before == 2


async def test_what_was_rolled_back_is_not_counted(router: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await unrouted(router)
    referral = a_referral("one", kinds=("hate_crime",))

    async def fail(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr("fingerpost_router.adapters.book.Transaction.save", fail)
        with pytest.raises(ConnectionResetError):
            await take(router, referral)
    rolled_back = await unrouted(router)
    await take(router, referral)

    assert (rolled_back - before, await unrouted(router) - before) == (0, 1)
