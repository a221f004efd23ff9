"""The bench's bare pipeline: how long each referral took is told beside how many there were a second."""

from pathlib import Path

from tests.bench import flow
from tests.bench.__main__ import ROUTINE_KINDS, Bare
from tests.bench.bare_run import BareRun, measure_bare

COUNT = 60


async def test_the_bare_pipeline_tells_how_long_its_referrals_took(tmp_path: Path) -> None:
    run = await measure_bare(tmp_path, flow.referrals(ROUTINE_KINDS, COUNT, "bare"), is_quiet=True)

    assert run.per_second > 0
    assert 0 < run.latency.p50 <= run.latency.p99 <= 1000 * COUNT / run.per_second


def test_the_runs_before_and_after_count_alike_in_the_figures() -> None:
    before, after = (BareRun(rate, flow.Latency(rate / 10, rate)) for rate in (100.0, 300.0))

    figures = Bare.mean(Bare(before, before), Bare(after, before)).figures()

    assert figures == {
        "bare_per_second": 200,
        "quiet_bare_per_second": 100,
        "bare_p50_ms": 20,
        "bare_p99_ms": 200,
        "quiet_bare_p50_ms": 10,
        "quiet_bare_p99_ms": 100,
    }


def test_the_percentiles_are_of_milliseconds() -> None:
    latency = flow.latency_of(number / 1000 for number in range(101))
    assert (latency.p50, latency.p99) == (50.0, 99.0)
