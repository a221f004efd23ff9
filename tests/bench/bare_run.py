"""Runs the bare pipeline on a NATS server of its own with its default settings, and measures it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.msg import Msg
from nats.js.api import PubAck, StreamConfig

from fingerpost_local.ports import free_port
from tests.bench.bare import STAGES
from tests.bench.flow import Latency, latency_of


@dataclass(frozen=True)
class BareRun:
    """Referrals per second from the first message in to the last one out, and how long each took from publishing to the last stage."""

    per_second: float
    latency: Latency


async def measure_bare(folder: Path, referrals: Sequence[bytes], *, is_quiet: bool) -> BareRun:
    """Passes the referrals, which are published as fast as they are taken, through all three services, warmed up."""
    with _server(folder / f"quiet-{is_quiet}") as url:
        client = await nats.connect(url)
        jetstream = client.jetstream()
        for stage in STAGES:
            await jetstream.add_stream(StreamConfig(name=f"BARE_{stage.upper()}", subjects=[f"bare.{stage}"]))
        with _services(url, folder, is_quiet=is_quiet):
            await _pass(client, referrals[:50])
            started = time.perf_counter()
            published, arrived = await _pass(client, referrals)
            seconds = time.perf_counter() - started
        await client.close()
    at = {_reference(body): moment for body, moment in arrived}
    took = [at[_reference(body)] - moment for body, moment in zip(referrals, published, strict=True)]
    return BareRun(len(referrals) / seconds, latency_of(took))


def _reference(body: bytes) -> str:
    return json.loads(body)["agency_reference"]


async def _pass(client: nats.NATS, referrals: Sequence[bytes]) -> tuple[list[float], list[tuple[bytes, float]]]:
    """When each was published, and what came out when; it is read later, for reading here would slow the pipeline down."""
    published: list[float] = []
    arrived: list[tuple[bytes, float]] = []
    done = asyncio.Event()

    async def count(message: Msg) -> None:
        arrived.append((message.data, time.perf_counter()))
        if len(arrived) == len(referrals):
            done.set()

    watching = await client.subscribe("bare.done", cb=count)
    jetstream = client.jetstream()
    for start in range(0, len(referrals), 500):
        receipts: list[asyncio.Future[PubAck]] = []
        for body in referrals[start : start + 500]:
            published.append(time.perf_counter())
            receipts.append(await jetstream.publish_async("bare.in", body))
        await asyncio.gather(*receipts)
    await asyncio.wait_for(done.wait(), 300)
    await watching.unsubscribe()
    return published, arrived


@contextmanager
def _server(folder: Path) -> Generator[str, None, None]:
    folder.mkdir()
    port = free_port()
    config = folder / "bare.conf"
    config.write_text(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: {json.dumps(str(folder / "bare"))} }}\n')
    program = str(Path(sys.executable).parent / "nats-server")
    with subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        time.sleep(1)
        try:
            yield f"nats://127.0.0.1:{port}"
        finally:
            server.terminate()


@contextmanager
def _services(url: str, folder: Path, *, is_quiet: bool) -> Generator[None, None, None]:
    options = ["--quiet"] if is_quiet else []
    with (folder / "bare.log").open("wb") as log:
        running = [
            subprocess.Popen([sys.executable, "-m", "tests.bench.bare", stage, url, *options], stdout=log, stderr=log)
            for stage in STAGES[:-1]
        ]
        time.sleep(4)
        try:
            yield
        finally:
            for service in running:
                service.terminate()
                service.wait()
