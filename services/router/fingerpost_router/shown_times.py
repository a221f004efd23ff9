"""Times as the router's commands show them."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fingerpost_shared.contracts.directory import UnreadableDirectory, read_directory


def partnership_zone() -> ZoneInfo | None:
    """The zone of the partnership whose folder FINGERPOST_PARTNERSHIP_DIR names, as it does for services; None where it names none."""
    folder = os.environ.get("FINGERPOST_PARTNERSHIP_DIR")
    if not folder:
        return None
    try:
        return ZoneInfo(read_directory(Path(folder) / "directory.yaml").partnership.timezone)
    except UnreadableDirectory:
        return None


def in_words(at: datetime, zone: ZoneInfo | None) -> str:
    """`Mon 30 Nov 2026 21:23`; with `UTC` behind it where the zone is not known."""
    local = at.astimezone(zone or ZoneInfo("UTC"))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}{'' if zone else ' UTC'}"
