"""`make bench`: the whole of Fingerpost against a bare pipeline that does nothing, in one run on one machine.

The figures are ratios: machines differ and are noisy. `--small` is a quick look whose figures mean little.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nats.js.client import JetStreamContext

from fingerpost_local.ports import free_port
from fingerpost_local.running import System, running
from fingerpost_local.settings import LocalSettings
from tests.bench import flow
from tests.bench.bare_run import BareRun, measure_bare

ROUTINE_KINDS = ("asb", "acquisitive", "substance_misuse", "reoffending", "fraud")
URGENT_KINDS = ("domestic_abuse", "serious_violence", "county_lines")
PROBE_SECONDS = 0.05


@dataclass(frozen=True)
class Bare:
    """What the bare pipeline did, as FastStream is usually written and without its log lines."""

    usual: BareRun
    quiet: BareRun

    @classmethod
    def mean(cls, before: "Bare", after: "Bare") -> "Bare":
        return cls(_mean(before.usual, after.usual), _mean(before.quiet, after.quiet))

    def beside(self, rate: float) -> str:
        return f"= {rate / self.usual.per_second:4.2f} x bare, {rate / self.quiet.per_second:4.2f} x bare without log lines"

    def figures(self) -> dict[str, int]:
        """For the JSON line."""
        runs = {"bare": self.usual, "quiet_bare": self.quiet}
        rates = {f"{name}_per_second": round(run.per_second) for name, run in runs.items()}
        return rates | {key: ms for name, run in runs.items() for key, ms in run.latency.figures(name).items()}


async def main(is_small: bool) -> None:
    """Print the bare pipeline's rate and latency, Fingerpost's rate, and how long referrals take: urgent past a backlog, and routine in it.

    The bare pipeline runs before and after Fingerpost, and its mean counts: a machine may be slower a minute later.
    """
    bare_count, count, backlog, probes = (500, 2_000, 5_000, 60) if is_small else (3_000, 20_000, 50_000, 400)
    with tempfile.TemporaryDirectory(prefix="fingerpost-bench-", ignore_cleanup_errors=True) as folder:
        before = await measure_bare_both(Path(folder) / "before", bare_count)
        async with fingerpost(Path(folder) / "rate") as system, flow.agency_stream(system) as stream:
            rate, alerts = await measure_rate(system, stream, count)
        after = await measure_bare_both(Path(folder) / "after", bare_count)
        bare = Bare.mean(before, after)
        print(f"Fingerpost, to the last e-mail:      {rate:8.0f} referrals/s {bare.beside(rate)}   ({count} referrals, {alerts} e-mails)")
        async with fingerpost(Path(folder) / "urgent") as system, flow.agency_stream(system) as stream:
            lanes = await measure_lanes(system, stream, backlog, probes)
    times_bare = round(rate / bare.usual.per_second, 2)
    print(json.dumps({**bare.figures(), "per_second": round(rate), "times_bare": times_bare, **lanes}))


async def measure_bare_both(folder: Path, count: int) -> Bare:
    """The bare pipeline with its log lines and without."""
    folder.mkdir()
    bodies = flow.referrals(ROUTINE_KINDS, count, "bare")
    bare = Bare(await measure_bare(folder, bodies, is_quiet=False), await measure_bare(folder, bodies, is_quiet=True))
    print(f"bare pipeline (three hops, no work): {_shown(bare.usual)}   ({count} referrals, all sent at once)")
    print(f"the same without its log lines:      {_shown(bare.quiet)}", flush=True)
    return bare


def _mean(one: BareRun, other: BareRun) -> BareRun:
    latency = flow.Latency((one.latency.p50 + other.latency.p50) / 2, (one.latency.p99 + other.latency.p99) / 2)
    return BareRun((one.per_second + other.per_second) / 2, latency)


def _shown(run: BareRun) -> str:
    return f"{run.per_second:8.0f} referrals/s   from publishing to the last stage: {run.latency}"


@asynccontextmanager
async def fingerpost(data: Path) -> AsyncGenerator[System]:
    """All of it, with a data folder of its own and a mail server that keeps nothing."""
    with mail_sink():
        async with running(LocalSettings(data=data), catches_mail=False) as system:
            yield system


@contextmanager
def mail_sink() -> Generator[None]:
    """A mail server that keeps nothing, in a process of its own; the services find it in their environment."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)]) as server:
        os.environ["FINGERPOST_SMTP_URL"] = f"smtp://127.0.0.1:{port}"
        try:
            yield
        finally:
            server.terminate()


async def measure_rate(system: System, stream: JetStreamContext, count: int) -> tuple[float, int]:
    """Referrals per second from the first one taken in to the last e-mail that the mail server has, and how many e-mails there were."""
    books = flow.Books(system)
    bodies = flow.referrals(ROUTINE_KINDS + URGENT_KINDS[:1], count, "rate")
    await flow.send(stream, "routine", flow.referrals(ROUTINE_KINDS, 200, "warm"))
    await books.wait_for("router", "SELECT count(*) FROM referrals", 200, 60)
    await books.wait_for("notifier", "SELECT (count(*) = 0)::int FROM alerts WHERE ended_at IS NULL", 1, 60)
    since = datetime.now(UTC)
    with flow.stopped(system, "intake"):
        await flow.send(stream, "routine", bodies)
    started = datetime.now(UTC)
    await books.wait_for_the_last_email(200 + count)
    ended_at = (await books.rows("notifier", "SELECT max(ended_at) FROM alerts"))[0][0]
    alerts = await books.count("notifier", "SELECT count(*) FROM alerts WHERE queued_at >= $1", since)
    return count / (ended_at - started).total_seconds(), alerts


async def measure_lanes(system: System, stream: JetStreamContext, backlog: int, probes: int) -> dict[str, int]:
    """How long referrals of each lane take: urgent ones while a backlog of routine ones waits, and the routine ones of that backlog."""
    books = flow.Books(system)
    began = datetime.now(UTC)
    with flow.stopped(system, "intake"):
        await flow.send(stream, "routine", flow.referrals(ROUTINE_KINDS, backlog, "backlog", "routine"))
    since = datetime.now(UTC)
    for probe in flow.referrals(URGENT_KINDS, probes, "urgent", "urgent"):
        await flow.send(stream, "urgent", [probe])
        await asyncio.sleep(PROBE_SECONDS)
    waiting = backlog - await books.count("router", "SELECT count(*) FROM referrals WHERE received_at < $1", since)
    await books.wait_for("notifier", "SELECT (count(*) = 0)::int FROM alerts WHERE ended_at IS NULL AND lane = 'urgent'", 1, 120)
    urgent = await _show_lane(books, "urgent", since, f"past {backlog} routine")
    print(f"(backlog left at the end: about {waiting})", flush=True)
    await books.wait_for_the_last_email(backlog + probes)
    return urgent | await _show_lane(books, "routine", began, f"in that backlog of {backlog}")


async def _show_lane(books: flow.Books, lane: str, since: datetime, where: str) -> dict[str, int]:
    received = await books.received(since, lane)
    to_routed = flow.latency(received, await books.routed(since))
    to_alerted = flow.latency(received, await books.alerted(since, lane))
    print(f"{lane} {where}, from acceptance to its legs:  {to_routed}   ({len(received)} referrals)")
    print(f"{lane} {where}, and to its last e-mail:       {to_alerted}", flush=True)
    return to_routed.figures(f"{lane}_routed") | to_alerted.figures(f"{lane}_alerted")


if __name__ == "__main__":
    asyncio.run(main("--small" in sys.argv[1:]))
