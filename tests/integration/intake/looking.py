"""What the tests of intake look at: items in quarantine, and what the vault holds, opened with the keys of the system under test."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fingerpost_intake.adapters.sealing import unseal, unwrap
from fingerpost_intake.domain.normalising import Understanding, quarantine
from fingerpost_intake.domain.tokens import TokenKeys
from fingerpost_shared.contracts.ids import QUARANTINE_PREFIX, reference_of
from fingerpost_shared.contracts.queries.intake import IntakeBooks, IntakeBooksQuery, QuarantineItem, QuarantineQuery
from tests.support.live import Live, eventually
from tests.unit.samples.understanding import FACTS, RULES


def key(live: Live, name: str) -> bytes:
    """One of the system's secrets."""
    return base64.urlsafe_b64decode(live.servers.keys.secret(name))


def quarantine_reference(live: Live, content: bytes, content_type: str = "application/json", agency: str = "police") -> str:
    """The reference under which this content of today is in quarantine, if it is."""
    by = Understanding(FACTS, RULES, key(live, "id"), TokenKeys(key(live, "token")), "HC", ZoneInfo("Europe/London"))
    item = quarantine(agency, content_type, content, (), datetime.now(UTC), by)
    return reference_of(item.quarantine_id, QUARANTINE_PREFIX)


async def item_in_quarantine(live: Live, reference: str) -> QuarantineItem:
    """The item, once it is there."""

    async def look() -> list[QuarantineItem]:
        page = await live.ask(QuarantineQuery(limit=200))
        return [item for item in page.items if item.reference == reference]

    [item] = await eventually(look)
    return item


async def reasons(live: Live, reference: str) -> list[tuple[str, str]]:
    """Why the item is in quarantine: places and codes."""
    return [(reason.pointer, reason.code) for reason in (await item_in_quarantine(live, reference)).reasons]


async def quarantined_content(live: Live, reference: str) -> bytes:
    """What was kept of an item, decrypted."""
    item = await item_in_quarantine(live, reference)
    [row] = await live.rows("intake", "SELECT sealed FROM quarantine WHERE id = $1", item.quarantine_id)
    return unseal(row["sealed"], await data_key(live, item.quarantine_id), item.quarantine_id)


async def vaulted(live: Live, referral_id: str) -> list[dict[str, Any]]:
    """The contents that a referral ever had, oldest first, decrypted, once there is one."""
    rows = await eventually(
        lambda: live.rows("intake", "SELECT sealed FROM vault WHERE referral_id = $1 ORDER BY saved_at, version", referral_id)
    )
    owner = UUID(referral_id)
    data = await data_key(live, owner)
    return [json.loads(unseal(row["sealed"], data, owner)) for row in rows]


async def data_key(live: Live, owner: UUID) -> bytes:
    [row] = await live.rows("intake_keys", "SELECT wrapped FROM data_keys WHERE id = $1", owner)
    return unwrap(row["wrapped"], key(live, "key-encryption"), owner)


async def quiet_books(live: Live) -> IntakeBooks:
    """Intake's books once nothing is pending."""

    async def look() -> IntakeBooks | None:
        books = await live.ask(IntakeBooksQuery())
        return books if books.pending == 0 else None

    books = await eventually(look)
    assert books is not None
    return books


def outcomes_between(before: IntakeBooks, after: IntakeBooks) -> dict[str, int]:
    """How many accepted submissions came to which end meanwhile."""
    names = before.outcomes.keys() | after.outcomes.keys()
    changes = {name: after.outcomes.get(name, 0) - before.outcomes.get(name, 0) for name in names}
    return {name: count for name, count in changes.items() if count}
