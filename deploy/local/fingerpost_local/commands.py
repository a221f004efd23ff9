"""`fingerpost up` and `fingerpost demo`: the whole system on this machine, until Ctrl-C."""

import asyncio
import shlex
import signal
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fingerpost_local import outcome, setup_commands
from fingerpost_local.run_file import ready_line
from fingerpost_local.running import System, running
from fingerpost_local.sending import Sent, send_samples
from fingerpost_local.settings import LocalSettings, read_settings

STARTING = "Starting NATS, PostgreSQL and the services…"

app = typer.Typer()
app.add_typer(setup_commands.app)

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Keep state here. [env: FINGERPOST_DATA]")]
CatchesMail = Annotated[bool, typer.Option(help="Keep alerts in DIR/mail instead of sending them.")]


@app.command()
def up(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready.")] = False,
    mail_catcher: CatchesMail = True,
) -> None:
    """Run everything on this machine: NATS, PostgreSQL, the services, the console. Ctrl-C stops it cleanly.

    The next start in the same folder has the same ports; FINGERPOST_CONSOLE_PORT, FINGERPOST_INTAKE_PORT, FINGERPOST_NATS_PORT and
    FINGERPOST_POSTGRES_PORT fix them.

    Example: fingerpost up --data ~/fingerpost
    """
    _until_stopped(_up(read_settings(data), as_json, mail_catcher))


@app.command()
def demo(
    data: DataOption = None,
    seed: Annotated[int, typer.Option(help="Which sample referrals; the same seed gives the same ones.")] = 1,
) -> None:
    """Run everything with sample referrals sent through the front doors, and show what became of each.

    State is thrown away at the end, unless --data says where to keep it. Example: fingerpost demo
    """
    if data is not None:
        _until_stopped(_demo(read_settings(data), seed))
        return
    with tempfile.TemporaryDirectory(prefix="fingerpost-", ignore_cleanup_errors=True) as folder:
        _until_stopped(_demo(read_settings(Path(folder)), seed))


async def _up(settings: LocalSettings, as_json: bool, catches_mail: bool) -> None:
    with Console(stderr=True, quiet=as_json).status(STARTING) as status:
        async with running(settings, catches_mail) as system:
            status.stop()
            if as_json:
                print(ready_line(system.description), flush=True)
            else:
                _show_addresses(Console(), system, catches_mail)
            await asyncio.Event().wait()


async def _demo(settings: LocalSettings, seed: int) -> None:
    console = Console()
    with console.status(STARTING) as status:
        async with running(settings, catches_mail=True) as system:
            status.update("Sending sample referrals…")
            sent = await send_samples(system, seed)
            status.update("Waiting until each is routed and its owners are told…")
            await _show_outcome(console, system, sent)
            status.stop()
            _show_addresses(console, system, catches_mail=True)
            await asyncio.Event().wait()


async def _show_outcome(console: Console, system: System, sent: Sent) -> None:
    async with outcome.operator(system) as client:
        is_settled = await outcome.settled(client)
        console.print(outcome.referral_table(await outcome.outcomes(client)))
        console.print(outcome.quarantine_table(await outcome.quarantined(client)))
    console.print(f"Sent by HTTP {sent.http}, in CSV files {sent.csv}, over NATS {sent.nats}; {sent.messy} faulty on purpose.")
    for refusal in sent.refused:
        console.print(f"Refused at the door: {refusal}")
    if not is_settled:
        console.print(f"Not all was done after {outcome.SETTLE_SECONDS:.0f} seconds; the console shows what still waits.")


def _show_addresses(console: Console, system: System, catches_mail: bool) -> None:
    """Never wrapped: an address or a path that is broken over two lines can be neither clicked nor copied."""
    folder = system.servers.directory
    lines = [
        f"\nFingerpost is running. Console: {system.url('console')}",
        f"Agencies send to {system.url('intake')} or {system.servers.nats_url}; their keys: {system.servers.keys.credentials}",
        *([f"Alerts go nowhere but to {system.url('mail')}/messages"] if catches_mail else []),
        f"State is in {folder}.",
        f"For the other commands, in another terminal: export FINGERPOST_DATA={shlex.quote(str(folder))}",
        "Ctrl-C stops everything.",
    ]
    console.print("\n".join(lines), soft_wrap=True, markup=False)


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends by itself or SIGINT, SIGTERM or SIGHUP asks it to; then let it clean up without further interruption."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)

        def stop() -> None:
            if not task.cancelling():  # a second Ctrl-C must not cut the cleaning up short
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    asyncio.run(run())
