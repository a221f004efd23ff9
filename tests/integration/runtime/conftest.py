"""Real servers for the runtime's tests, and a bench to try a tiny service on."""

from collections.abc import AsyncGenerator, Generator

import pytest

from fingerpost_local.servers import Servers, start_servers
from fingerpost_shared.runtime import delivery
from tests.integration.runtime.bench import Bench

DIRECTORY = """
partnership: {id: sampleshire, name: Sampleshire Community Safety Partnership, reference_prefix: SS}
agencies: {police: {name: Sampleshire Police}, council: {name: Sampleshire Council}}
destinations: {matac: {name: MATAC, level: casework}}
"""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Generator[Servers, None, None]:
    partnership = tmp_path_factory.mktemp("partnership")
    (partnership / "directory.yaml").write_text(DIRECTORY)
    with start_servers(tmp_path_factory.mktemp("runtime"), partnership) as running:
        yield running


@pytest.fixture
async def bench(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bench]:
    """Empty streams and an empty table; whatever was started on it is stopped at the end. Delays are short, for patience shows nothing."""
    monkeypatch.setattr(delivery, "LONGEST_DELAY_SECONDS", 0.3)
    async with Bench(servers) as made:
        yield made
