"""The console's own static files, under addresses that change with their content, each with the hash that browsers check it by."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATIC = Path(__file__).parent.parent / "static"


@dataclass(frozen=True)
class Asset:
    """A file as it is served. `integrity` is a Subresource Integrity value."""

    url: str
    integrity: str
    media_type: str
    content: bytes


def read_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Every style sheet, script and picture beneath a folder, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES)
    return {path.relative_to(folder).as_posix(): _asset(path) for path in files}


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha384(content).digest()
    return Asset(
        url=f"/static/{path.stem}.{digest.hex()[:12]}{path.suffix}",
        integrity=f"sha384-{base64.b64encode(digest).decode()}",
        media_type=MEDIA_TYPES[path.suffix],
        content=content,
    )
