"""How much the fault tests try: a short, seeded part in every run, all of it by `python -m pytest tests/chaos --long`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.chaos.agency import Agency
from tests.chaos.process_tree import ProcessTree


@dataclass(frozen=True)
class Scale:
    """How many referrals flow, how fast, how often each victim is killed, and the seed of when."""

    is_long: bool
    referrals: int
    per_second: float
    kills_of_each: int
    seed: int


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known only when pytest is started on this folder; elsewhere the short part runs."""
    parser.addoption("--long", action="store_true", default=False, help="thousands of referrals, many kills")
    parser.addoption("--chaos-seed", type=int, default=20260302, help="when the kills happen; a failing run prints its seed")


@pytest.fixture(scope="session")
def scale(pytestconfig: pytest.Config) -> Scale:
    seed = pytestconfig.getoption("--chaos-seed", default=20260302)
    if pytestconfig.getoption("--long", default=False):
        return Scale(True, referrals=5000, per_second=50, kills_of_each=6, seed=seed)
    return Scale(False, referrals=300, per_second=30, kills_of_each=2, seed=seed)


@pytest.fixture(scope="session")
async def tree(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessTree]:
    """The whole system as `fingerpost up` runs it, in a process tree of its own."""
    tree = ProcessTree(tmp_path_factory.mktemp("chaos") / "data")
    tree.start()
    yield tree
    await tree.disconnect()
    tree.stop()


@pytest.fixture(scope="session")
def agency(tree: ProcessTree) -> Agency:
    """The one sender of all tests, so that the books can be held against everything that was ever sent."""
    return Agency(tree)
