"""What intake adds to the `fingerpost` command: serving, migrating, and sending referrals in."""

from pathlib import Path

import typer

from fingerpost_intake.app import create_app
from fingerpost_intake.settings import IntakeSettings
from fingerpost_shared.runtime.database import migrate as run_migrations

app = typer.Typer()
intake = typer.Typer(help="The service that takes referrals in.", no_args_is_help=True)
app.add_typer(intake, name="intake")

_HERE = Path(__file__).parent


@intake.command()
def serve() -> None:
    """Run intake until it is told to stop. Settings come from the environment (FINGERPOST_…).

    Example: FINGERPOST_DATABASE_URL=postgresql://… FINGERPOST_KEYS_DATABASE_URL=postgresql://… fingerpost intake serve
    """
    create_app(IntakeSettings()).serve()  # pyright: ignore[reportCallIssue] - from the environment


@intake.command()
def migrate() -> None:
    """Bring intake's two databases up to date. Safe to repeat.

    Example: FINGERPOST_DATABASE_URL=postgresql://… FINGERPOST_KEYS_DATABASE_URL=postgresql://… fingerpost intake migrate
    """
    settings = IntakeSettings()  # pyright: ignore[reportCallIssue] - from the environment
    run_migrations(settings.database_url, _HERE / "migrations")
    run_migrations(settings.keys_database_url, _HERE / "migrations_keys")
