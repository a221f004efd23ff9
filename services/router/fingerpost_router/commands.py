"""What the router adds to the `fingerpost` command: serving, migrating, and asking how a referral and the books stand."""

from pathlib import Path

import typer

from fingerpost_router.app import create_app
from fingerpost_router.settings import RouterSettings
from fingerpost_shared.runtime.database import migrate as run_migrations

app = typer.Typer()
router = typer.Typer(help="The service that decides who must own a referral.", no_args_is_help=True)
app.add_typer(router, name="router")


@router.command()
def serve() -> None:
    """Run the router until it is told to stop. Settings come from the environment (FINGERPOST_…).

    Example: FINGERPOST_DATABASE_URL=postgresql://… fingerpost router serve
    """
    create_app(RouterSettings()).serve()  # pyright: ignore[reportCallIssue] - from the environment


@router.command()
def migrate() -> None:
    """Bring the router's database up to date. Safe to repeat.

    Example: FINGERPOST_DATABASE_URL=postgresql://… fingerpost router migrate
    """
    settings = RouterSettings()  # pyright: ignore[reportCallIssue] - from the environment
    run_migrations(settings.database_url, Path(__file__).parent / "migrations")
