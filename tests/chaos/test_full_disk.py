"""A disk that fills up under flow: what has a receipt is kept, what cannot be kept has none, and once there is room all goes on."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from fingerpost_intake.samples import sample
from tests.chaos.accounts import is_at_rest, mail, violations
from tests.chaos.agency import Agency
from tests.chaos.conftest import Scale
from tests.chaos.process_tree import ProcessTree, is_at_work, until

pytestmark = pytest.mark.timeout(600)

DISK = "400m"
PER_SECOND = 25
FULL_SECONDS = 6.0
MEND_SECONDS = 120.0  # a server that could not start on the full disk is tried again after half a minute at most


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(tmp_path)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk to fill, in a system that lets it")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.fixture
async def small(disk: Path) -> AsyncIterator[ProcessTree]:
    """The whole system with its data on the small disk."""
    tree = ProcessTree(disk / "data")
    tree.start()
    yield tree
    await tree.disconnect()
    tree.stop()


async def test_a_full_disk_loses_nothing_and_work_goes_on_once_there_is_room(small: ProcessTree, disk: Path, scale: Scale) -> None:
    agency = Agency(small)
    await agency.send("before", PER_SECOND, PER_SECOND)
    flow = asyncio.create_task(agency.send("full", int(PER_SECOND * FULL_SECONDS * 2), PER_SECOND))
    await asyncio.sleep(1)

    nats, filler = small.pid("nats"), disk / "filler"
    with filler.open("wb", buffering=0) as file:
        fill(file.fileno())
        await until(lambda: is_refused(agency), 30, "the agency gets no receipt")
        refused = await asked_over_http(small)
        assert is_at_work(nats)
        await small.kill("nats")  # a server that is started on a full disk must not make it worse
        await small.kill("router")
        if scale.is_long:
            await small.kill("postgres")
        for _ in range(int(FULL_SECONDS)):
            fill(file.fileno())
            await asyncio.sleep(1)
    filler.unlink()

    waited = await until(lambda: is_done(flow), MEND_SECONDS, "everything has a receipt")
    drained = await until(lambda: is_at_rest(small), MEND_SECONDS, "all is worked through")
    caught = await mail(small)
    print(
        f"\n{len(agency.references)} referrals, {agency.tries_again} submissions sent again, the last receipt {waited:.1f} s after there"
        f" was room and all at rest {drained:.1f} s later; {caught.surplus} e-mails too many, {caught.unseen_attempts} attempts unseen"
    )
    assert refused == 503
    assert await violations(small, agency) == {}
    assert caught.surplus <= caught.unseen_attempts


def fill(file: int) -> None:
    """Write until nothing more fits."""
    for size in (1 << 20, 1):
        try:
            while True:
                os.write(file, b"\0" * size)
        except OSError:
            continue


async def is_refused(agency: Agency) -> bool:
    return agency.tries_again > PER_SECOND


async def is_done(flow: asyncio.Task[None]) -> bool:
    return flow.done()


async def asked_over_http(tree: ProcessTree) -> int:
    """How intake answers an agency that sends a referral over HTTP."""
    key = json.loads((tree.data / "keys" / "credentials.json").read_text())["agencies"]["police"]["api_key"]
    url = json.loads((tree.data / "run.json").read_text())["services"]["intake"]["url"]
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(f"{url}/v1/referrals", json=sample("asb", 1), headers={"Authorization": f"Bearer {key}"})
    return answer.status_code
