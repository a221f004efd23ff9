"""What the console adds to the `fingerpost` command."""

import typer

from fingerpost_console.app import NotForProduction, create_app
from fingerpost_console.settings import ConsoleSettings
from fingerpost_shared.contracts.directory import UnreadableDirectory
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.settings import UnusableKey

app = typer.Typer(name="console", help="The console: queues, referrals and who owns them, in a browser.", no_args_is_help=True)


@app.callback()
def console() -> None:
    """The console: queues, referrals and who owns them, in a browser."""


@app.command(epilog="Example: FINGERPOST_ENVIRONMENT=demo FINGERPOST_HTTP_PORT=8080 fingerpost console serve")
def serve() -> None:
    """Run the console. Its settings come from the environment (FINGERPOST_…)."""
    try:
        service = create_app(ConsoleSettings())
    except (NotForProduction, UnreadableDirectory, UnusableKey) as error:
        raise CommandFailed(str(error)) from None
    service.serve()
