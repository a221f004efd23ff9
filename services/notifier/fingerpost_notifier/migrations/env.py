"""Runs this folder's revisions; alembic loads it."""

import asyncio

from alembic import context

from fingerpost_notifier.adapters.tables import book
from fingerpost_shared.runtime.database import run_revisions

asyncio.run(run_revisions(context.config.attributes["url"], book))
