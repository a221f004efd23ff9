"""Intake's settings, read once from the environment."""

from fingerpost_shared.runtime.settings import DatabaseSettings


class IntakeSettings(DatabaseSettings):
    """Intake keeps its book and the wrapped data keys in two databases, so that their backups can live for different times."""

    keys_database_url: str
    http_port: int = 8001
    largest_body_bytes: int = 5 * 1024 * 1024
    largest_batch_bytes: int = 64 * 1024 * 1024
    batch_report_days: int = 30
