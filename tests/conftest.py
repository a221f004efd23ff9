"""Fixtures that tests of the whole system share: it is started once for a test run, on free ports, in a folder of its own."""

from collections.abc import AsyncGenerator

import pytest
from hypothesis import HealthCheck, settings

from fingerpost_local.running import running
from fingerpost_local.settings import LocalSettings
from tests.support.live import Live

# a busy machine makes an example slow, not wrong
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Live]:
    """The whole system, with the demo's mail server."""
    async with running(LocalSettings(data=tmp_path_factory.mktemp("live")), catches_mail=True) as system, Live(system) as live:
        yield live
