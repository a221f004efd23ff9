"""kill -9 of every service and both servers, at random moments of a flow of referrals: nothing is lost, nothing is done twice."""

import asyncio
import time
from random import Random

import pytest

from tests.chaos.accounts import is_at_rest, mail, queues_are_drained, violations
from tests.chaos.agency import Agency
from tests.chaos.conftest import Scale
from tests.chaos.process_tree import SERVERS, SERVICES, ProcessTree, is_at_work, until

pytestmark = pytest.mark.timeout(1800)

DRAIN_SECONDS = 60.0  # I16: after faults stop, all queues drain
MEND_SECONDS = 90.0


async def test_nothing_is_lost_or_done_twice_while_every_part_is_killed_under_flow(tree: ProcessTree, agency: Agency, scale: Scale) -> None:
    print(f"\nto repeat: python -m pytest tests/chaos --chaos-seed {scale.seed}{' --long' if scale.is_long else ''}")
    flow_seconds = scale.referrals / scale.per_second

    await asyncio.gather(
        agency.send("kills", scale.referrals, scale.per_second),
        killing(tree, Random(scale.seed), scale.kills_of_each, flow_seconds),
    )
    sent_and_killed = time.monotonic()
    await until(lambda: all_at_work(tree), 90, "everything that was killed is started again")
    waited_for_starts = time.monotonic() - sent_and_killed
    drained = await until(lambda: queues_are_drained(tree), DRAIN_SECONDS * 2, "all queues are drained")
    mended = await until(lambda: is_at_rest(tree), MEND_SECONDS, "what NATS lost is put back")
    caught = await mail(tree)
    print(
        f"{scale.referrals} referrals, {len(agency.updated)} updates, {agency.unreadable} unreadable;"
        f" {scale.kills_of_each} kills each of {', '.join((*SERVICES, *SERVERS))}; {agency.tries_again} submissions sent again;"
        f" started again {waited_for_starts:.1f} s, drained {drained:.1f} s after that, whole {mended:.1f} s after that;"
        f" {caught.alerts} alerts mailed, {caught.surplus} e-mails too many, {caught.unseen_attempts} attempts unseen"
    )

    assert await violations(tree, agency) == {}
    assert caught.surplus <= caught.unseen_attempts
    assert drained <= DRAIN_SECONDS


async def killing(tree: ProcessTree, random: Random, times: int, over_seconds: float) -> None:
    """Kill each part so many times, at moments spread over the flow."""
    victims = [name for name in (*SERVICES, *SERVERS) for _ in range(times)]
    random.shuffle(victims)
    moments = sorted(random.uniform(0.05, 0.95) * over_seconds for _ in victims)
    started = time.monotonic()
    for moment, victim in zip(moments, victims, strict=True):
        await asyncio.sleep(max(0.0, started + moment - time.monotonic()))
        await tree.kill(victim)


async def all_at_work(tree: ProcessTree) -> bool:
    """Whether every process has been started again."""
    return all(is_at_work(tree.pid(name)) for name in (*SERVICES, *SERVERS))
