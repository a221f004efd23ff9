"""The pipeline to beat: three FastStream services in the usual way, one message at a time, that do nothing but pass it on.

`python -m tests.bench.bare STAGE URL` runs one of them: no rules, no database, no receipts awaited. FastStream logs each message unless
`--quiet` is given.
"""

import asyncio
import sys

from faststream import FastStream
from faststream.nats import JStream, NatsBroker, PullSub

STAGES = ("in", "decided", "told", "done")


def stage_app(stage: str, url: str, *, is_quiet: bool) -> FastStream:
    """The service that takes `bare.<stage>` and publishes on the next stage's subject."""
    broker = NatsBroker(url, logger=None) if is_quiet else NatsBroker(url)
    after = STAGES[STAGES.index(stage) + 1]

    @broker.subscriber(f"bare.{stage}", stream=JStream(f"BARE_{stage.upper()}", declare=False), durable=f"bare-{stage}", pull_sub=PullSub())
    @broker.publisher(f"bare.{after}")
    async def pass_on(referral: dict[str, object]) -> dict[str, object]:  # pyright: ignore[reportUnusedFunction]
        return referral

    return FastStream(broker, logger=None) if is_quiet else FastStream(broker)


if __name__ == "__main__":
    asyncio.run(stage_app(sys.argv[1], sys.argv[2], is_quiet="--quiet" in sys.argv).run())
