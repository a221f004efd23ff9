"""What the notifier adds to the `fingerpost` command: serving and migrating."""

from pathlib import Path

import typer

from fingerpost_notifier.app import create_app
from fingerpost_notifier.settings import NotifierSettings
from fingerpost_shared.runtime.database import migrate as run_migrations

app = typer.Typer()
notifier = typer.Typer(help="The service that alerts the responsible agencies.", no_args_is_help=True)
app.add_typer(notifier, name="notifier")


@notifier.command()
def serve() -> None:
    """Run the notifier until it is told to stop. Settings come from the environment (FINGERPOST_…).

    Example: FINGERPOST_DATABASE_URL=postgresql://… FINGERPOST_SMTP_URL=smtp://mail.example fingerpost notifier serve
    """
    create_app(NotifierSettings()).serve()  # pyright: ignore[reportCallIssue] - from the environment


@notifier.command()
def migrate() -> None:
    """Bring the notifier's database up to date. Safe to repeat.

    Example: FINGERPOST_DATABASE_URL=postgresql://… fingerpost notifier migrate
    """
    settings = NotifierSettings()  # pyright: ignore[reportCallIssue] - from the environment
    run_migrations(settings.database_url, Path(__file__).parent / "migrations")
