"""The data keys, in a database of their own: destroying a row there makes a referral's details unreadable, in every backup too."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_intake.adapters import sealing
from fingerpost_intake.adapters.tables import data_keys
from fingerpost_shared.runtime.database import insert, single_statements


class KeyStore:
    """Makes and finds data keys. Only wrapped keys are ever stored."""

    def __init__(self, engine: AsyncEngine, key_encryption_key: bytes) -> None:
        self._engine = single_statements(engine)
        self._kek = key_encryption_key

    async def keys_for(self, owners: Iterable[UUID]) -> dict[UUID, bytes]:
        """The data key of each owner, made now where there is none. Asked again, the same keys."""
        wanted = sorted(set(owners))
        if not wanted:
            return {}
        fresh = {owner: secrets.token_bytes(32) for owner in wanted}
        now = datetime.now(UTC)
        rows = [
            {
                "id": owner,
                "wrapped": sealing.wrap(key, self._kek, owner),
                "kek_version": sealing.KEK_VERSION,
                "made_at": now,
            }
            for owner, key in fresh.items()
        ]
        async with self._engine.connect() as connection:
            made = (await insert(connection, data_keys, rows)).rowcount
            if made < len(wanted):
                found = await connection.execute(select(data_keys.c.id, data_keys.c.wrapped).where(data_keys.c.id.in_(wanted)))
                fresh.update({row.id: sealing.unwrap(row.wrapped, self._kek, row.id) for row in found})
        return fresh
