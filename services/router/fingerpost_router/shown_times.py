"""Times as the router's commands show them."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fingerpost_shared.contracts.directory import UnreadableDirectory, read_directory


def partnership_zone(of_the_system: str | None = None) -> ZoneInfo | None:
    """The zone of the partnership whose folder FINGERPOST_PARTNERSHIP_DIR names, as it does for services, else that of the system that
    was found. None where neither is known.
    """
    folder = os.environ.get("FINGERPOST_PARTNERSHIP_DIR")
    try:
        zone = read_directory(Path(folder) / "directory.yaml").partnership.timezone if folder else of_the_system
        return ZoneInfo(zone) if zone else None
    except (UnreadableDirectory, ZoneInfoNotFoundError, ValueError):  # the last two: a zone that this machine does not know
        return None


def in_words(at: datetime, zone: ZoneInfo | None) -> str:
    """`Mon 30 Nov 2026 21:23`; with `UTC` behind it where the zone is not known."""
    local = at.astimezone(zone or ZoneInfo("UTC"))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}{'' if zone else ' UTC'}"
