"""Tells the consumer when the HTTP edge took something in: both must understand it as of the same moment, or their references differ.

Agencies publish on the same subjects, with whatever headers they like, so the time holds under intake's own mark alone.
"""

import hmac
from datetime import datetime
from hashlib import blake2b

HEADER = "Fingerpost-Arrived-At"


def arrival(key: bytes, agency: str, content: bytes, arrived_at: datetime) -> str:
    """The header's value: the time, and a mark for it, this agency and this content that nobody can make without the key."""
    time = arrived_at.isoformat()
    return f"{time} {_mark(key, agency, content, time)}"


def arrived_at(key: bytes, agency: str, content: bytes, header: str) -> datetime | None:
    """The time that intake's own edge told. None where the header is none of its, or there is none."""
    time, _, mark = header.partition(" ")
    if not mark.isascii() or not mark or not hmac.compare_digest(mark, _mark(key, agency, content, time)):
        return None
    return datetime.fromisoformat(time)


def _mark(key: bytes, agency: str, content: bytes, time: str) -> str:
    digest = blake2b(f"arrival\x1f{agency}\x1f{time}\x1f".encode(errors="replace"), key=key, digest_size=16)
    digest.update(content)
    return digest.hexdigest()
