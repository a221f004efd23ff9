"""The main flow with NATS and PostgreSQL in containers, as the public images run them: a referral goes in, its owner is told."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import docker
import httpx
import nats
import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from fingerpost_intake.samples import sample
from fingerpost_local.databases import SUPERUSER, database_url
from fingerpost_local.keys import Keys, make_keys
from fingerpost_local.nats import write_configuration
from fingerpost_local.parties import Parties, read_parties
from fingerpost_local.postgres import set_up_databases
from fingerpost_local.serving import serving
from fingerpost_local.settings import LocalSettings
from fingerpost_local.stores import RemoteStores
from fingerpost_shared.contracts.queries.notifier import AlertsQuery
from fingerpost_shared.contracts.queries.router import RoutingQuery
from fingerpost_shared.runtime.asking import ask

pytestmark = pytest.mark.containers

NATS_IMAGE = "nats:2.15-alpine"
POSTGRES_IMAGE = "postgres:18"
PATIENCE_SECONDS = 60.0
# every container here is stopped by its `with`; the clean-up container would be one more image to fetch
testcontainers_config.ryuk_disabled = True


@pytest.fixture(scope="module")
def engine() -> None:
    """A Docker engine that answers; without one these tests say so and are left out."""
    try:
        docker.from_env(timeout=5).ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine answers here: {error}")


@pytest.fixture(scope="module")
def parties() -> Parties:
    return read_parties(LocalSettings().partnership_dir)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, parties: Parties) -> Keys:
    return make_keys(tmp_path_factory.mktemp("state") / "keys", parties)


@pytest.fixture(scope="module")
def nats_url(engine: None, tmp_path_factory: pytest.TempPathFactory, keys: Keys, parties: Parties) -> Iterator[str]:
    home = tmp_path_factory.mktemp("nats")
    write_configuration(home, Path("/store"), {"listen": "0.0.0.0:4222", "http": "0.0.0.0:8222"}, keys, parties)
    container = (
        DockerContainer(NATS_IMAGE)
        .with_command("--config /etc/fingerpost-nats/nats.conf")
        .with_volume_mapping(str(home), "/etc/fingerpost-nats", "ro")
        .with_exposed_ports(4222, 8222)
    )
    with container:
        monitoring = f"http://{address(container, 8222)}/healthz"
        assert waited_for(lambda: httpx.get(monitoring).is_success), container.get_logs()
        yield f"nats://{address(container, 4222)}"


@pytest.fixture(scope="module")
def postgres(engine: None, keys: Keys) -> Iterator[str]:
    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_USER", SUPERUSER)
        .with_env("POSTGRES_DB", "postgres")
        .with_env("POSTGRES_PASSWORD", keys.passwords[SUPERUSER])
        .with_exposed_ports(5432)
    )
    with container:
        here = address(container, 5432)
        # over TCP: while the image sets itself up it answers on its socket only
        assert waited_for(lambda: container.exec("pg_isready -q -h 127.0.0.1").exit_code == 0), container.get_logs()
        yield here


@pytest.fixture(scope="module")
def stores(nats_url: str, postgres: str, keys: Keys) -> RemoteStores:
    host, _, port = postgres.partition(":")
    set_up_databases(host, int(port), keys.passwords)
    return RemoteStores(nats_url, postgres, keys)


async def test_a_service_opens_its_own_database_and_no_other(stores: RemoteStores):
    password = stores.keys.passwords["fingerpost_router"]
    await (await asyncpg.connect(stores.database_urls["router"])).close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(database_url(stores.postgres, "fingerpost_router", password, "fingerpost_intake"))


async def test_a_referral_goes_in_and_the_agencies_of_its_owner_are_told(stores: RemoteStores, tmp_path: Path):
    async with serving(stores, LocalSettings(), tmp_path, catches_mail=True) as programs:
        url = {one.program.name: one.program.url for one in programs}
        key = {"Authorization": f"Bearer {stores.keys.api_key('police')}"}
        async with httpx.AsyncClient(headers=key) as police:
            answer = await police.post(f"{url['intake']}/v1/referrals", json=sample("domestic_abuse", 7))
        assert answer.status_code == 202, answer.text
        accepted = answer.json()
        client = await nats.connect(stores.nats_url, nkeys_seed=str(stores.seeds["operator"]), inbox_prefix="_INBOX.operator")
        deadline = time.monotonic() + PATIENCE_SECONDS
        states: set[str] = set()
        while states != {"sent"} and time.monotonic() < deadline:
            page = await ask(client, AlertsQuery(referral_id=accepted["id"]))
            states = {alert.state for alert in page.alerts}
        routing = await ask(client, RoutingQuery(referral_id=accepted["id"]))
        await client.close()
        leads = [leg.destination for leg in routing.legs if leg.role == "lead"]
        assert len(leads) == 1
        assert states == {"sent"}
        async with httpx.AsyncClient() as reader:
            caught = (await reader.get(f"{url['mail']}/messages")).json()
        assert any(accepted["reference"] in json.dumps(message) for message in caught)


def address(container: DockerContainer, port: int) -> str:
    """Where a port of the container is reached from here."""
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


def waited_for(holds: Callable[[], object]) -> bool:
    """Whether the condition comes to hold in time; a server that does not listen yet does not count as an error."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if holds():
                return True
        except (httpx.TransportError, OSError):
            pass
        time.sleep(0.2)
    return False
