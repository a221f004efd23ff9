"""A notifier's book of the version before: what was not told of yet is told after the upgrade, and nothing else again."""

import asyncio
from pathlib import Path
from uuid import UUID

import alembic.command
import alembic.config
import asyncpg

import fingerpost_notifier
from fingerpost_notifier.adapters.book import Book
from fingerpost_shared.runtime.database import migrate, open_database
from tests.support.databases import empty_database
from tests.support.live import Live

SCRIPTS = Path(fingerpost_notifier.__file__).parent / "migrations"
ALERT = """
    INSERT INTO alerts (id, leg_id, referral_id, reference, agency, channel, lane, band, state, attempts, unseen_attempts, next_at,
        queued_at, ended_at, is_announced)
    VALUES ($1, $1, $1, 'HC-7K3MQ-2XD9F-W', 'police', 'email', 'routine', 'P3', $2, 1, 0, now(), now(), $3::timestamptz, $4)
"""


def to_the_first_revision(url: str) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url.replace("postgresql://", "postgresql+asyncpg://", 1)
    alembic.command.upgrade(config, "0001")


async def test_what_ended_and_was_not_told_of_is_told_after_the_upgrade(live: Live) -> None:
    async with empty_database(live) as url:
        await asyncio.to_thread(to_the_first_revision, url)
        before = await asyncpg.connect(url)
        now = await before.fetchval("SELECT now()")
        rows = (("sent", now, True), ("sent", now, False), ("queued", None, False))
        for number, (state, ended_at, is_announced) in enumerate(rows, start=1):
            await before.execute(ALERT, UUID(int=number), state, ended_at, is_announced)
        await before.close()

        await asyncio.to_thread(migrate, url, SCRIPTS)

        engine = open_database(url, 2)
        untold = [ended.alert.id for ended in await Book(engine).unannounced()]
        waiting = [alert.id for alert in await Book(engine).claim("routine", 10)]
        await engine.dispose()
    assert (untold, waiting) == ([UUID(int=2)], [UUID(int=3)])
