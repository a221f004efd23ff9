"""The services, wired once for all contract tests."""

import pytest

from fingerpost_shared.runtime.service import Service
from tests.contract.wired import wired


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Service]:
    return wired(tmp_path_factory.mktemp("wired"))
