"""kill -9 of everything at once, under flow, and its streams emptied: no process is left behind, and the next start mends it all."""

import asyncio
import time

import psutil
import pytest

from tests.chaos.accounts import is_at_rest, mail, put_back, violations
from tests.chaos.agency import Agency
from tests.chaos.conftest import Scale
from tests.chaos.process_tree import ProcessTree, is_at_work, until

pytestmark = pytest.mark.timeout(600)

MEND_SECONDS = 90.0


async def test_when_everything_dies_and_the_streams_are_empty_the_next_start_loses_nothing(
    tree: ProcessTree, agency: Agency, scale: Scale
) -> None:
    count = scale.referrals // 2
    before, tried_again = await mail(tree), agency.tries_again
    flow = asyncio.create_task(agency.send("whole tree", count, scale.per_second))

    purged, family = await cut_off(tree, flow_seconds=count / scale.per_second)
    ended = await until(lambda: all_gone(family), 15, "no orphan is left")
    started = time.monotonic()
    await asyncio.to_thread(tree.start)
    restarted = time.monotonic() - started
    await flow

    drained = await until(lambda: is_at_rest(tree), MEND_SECONDS, "all queues are drained, and what was lost is put back")
    caught = await mail(tree)
    again = await put_back(tree)
    print(
        f"\n{purged} messages purged from REFERRALS and LEGS; {len(family)} processes ended {ended:.1f} s after their parent,"
        f" ready again after {restarted:.1f} s; {count} referrals, {agency.tries_again - tried_again} submissions sent again,"
        f" {again} messages put back, all at rest {drained:.1f} s after the last submission;"
        f" {caught.surplus - before.surplus} e-mails too many, {caught.unseen_attempts - before.unseen_attempts} attempts unseen"
    )
    assert len(family) > 10
    assert min(again) > 0
    assert await violations(tree, agency) == {}


async def cut_off(tree: ProcessTree, flow_seconds: float) -> tuple[tuple[int, int], list[psutil.Process]]:
    """Let events pile up before the notifier, then before the router; empty the streams, and kill everything."""
    await asyncio.sleep(flow_seconds / 4)
    with tree.held("notifier"):
        await asyncio.sleep(flow_seconds / 4)
        with tree.held("router"):
            await asyncio.sleep(flow_seconds / 4)
            purged = await tree.purge("REFERRALS"), await tree.purge("LEGS")
            return purged, tree.kill_whole()


async def all_gone(family: list[psutil.Process]) -> bool:
    return not any(is_at_work(process.pid) for process in family)
