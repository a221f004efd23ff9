"""A system of these tests' own, whose servers they may stop: nobody starts them again behind their back."""

from collections.abc import AsyncGenerator

import pytest

from fingerpost_local.running import System
from fingerpost_local.servers import start_servers
from fingerpost_local.serving import serving
from fingerpost_local.settings import LocalSettings
from tests.support.live import Live


@pytest.fixture(scope="module")
async def frail(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Live]:
    """The whole system without its supervisor."""
    settings = LocalSettings(data=tmp_path_factory.mktemp("frail"))
    with start_servers(settings.data, settings.partnership_dir) as servers:
        async with serving(servers, settings, settings.data, catches_mail=True) as programs, Live(System(servers, programs)) as live:
            yield live
