"""The books mend what NATS lost while the services live: messages that vanish before they are taken are published again."""

import asyncio

import pytest

from tests.chaos.accounts import is_at_rest, put_back, violations
from tests.chaos.agency import Agency
from tests.chaos.conftest import Scale
from tests.chaos.process_tree import ProcessTree, until

pytestmark = pytest.mark.timeout(400)

MEND_SECONDS = 90.0
MORE_THAN_A_SERVICE_HAS_ORDERED = 600  # what has been delivered to a service that stands still is not lost with its stream


async def test_what_vanishes_from_the_streams_is_put_back_from_the_books(tree: ProcessTree, agency: Agency, scale: Scale) -> None:
    if not scale.is_long:
        pytest.skip("takes a minute: run `python -m pytest tests/chaos --long`; test_whole_tree.py tries it in short")
    with tree.held("notifier"):
        await sent_until(tree, agency, "router", "legs lost")
        with tree.held("router"):
            await sent_until(tree, agency, "intake", "referrals lost")
            purged = await tree.purge("REFERRALS"), await tree.purge("LEGS")

    mended = await until(lambda: is_at_rest(tree), MEND_SECONDS, "the menders have put everything back")
    again = await put_back(tree)
    print(f"\n{purged} messages purged from REFERRALS and LEGS, {again} put back, everything alerted {mended:.1f} s later")

    assert min(again) > 0
    assert await violations(tree, agency) == {}


async def sent_until(tree: ProcessTree, agency: Agency, service: str, label: str) -> None:
    """Send so many referrals that a service which stands still cannot have all of them, until this one has them."""
    await agency.send(label, MORE_THAN_A_SERVICE_HAS_ORDERED, per_second=150)

    async def has_all() -> bool:
        return await tree.count(service, "SELECT count(*) FROM referrals") >= len(agency.references)

    await until(has_all, 90, f"{service} has what was sent")
    await asyncio.sleep(1)  # its last batch is saved, and published right after
