"""What a NATS server keeps in its store folder, looked after from outside: one bad moment must not cost a stream.

A server that cannot take up a stream deletes its files ("Error recreating stream" of 2.15.1), on a full disk those of several streams,
and SUBMISSIONS holds only copies. So it is not started there, and links to all files are kept over a start. `nats-server.sh` does the rest.
"""

import json
import os
import shutil
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from fingerpost_local.failure import CannotStart

MEGABYTE = 1024 * 1024
ROOM_MEGABYTES = 64


def has_room(store: Path) -> bool:
    """Whether a server can be started here."""
    return shutil.disk_usage(store).free >= ROOM_MEGABYTES * MEGABYTE


def prepare_store(store: Path) -> None:
    """Link the files of every stream elsewhere until `check_recovered` finds all well, and bring back what a failed start deleted.

    Neither takes anything away, so it may be cut off and begun again: a file that comes back without need holds what was taken already, and
    is taken once. Raises `CannotStart` if the disk is full.
    """
    if not has_room(store):
        free = shutil.disk_usage(store).free // MEGABYTE
        raise CannotStart(f"{free} MB are free where {store} is; {ROOM_MEGABYTES} MB are needed to start the NATS server. Make room.")
    kept = store / "kept"
    for stream in _streams(kept):
        for file in _files(stream):
            _link(file, store / file.relative_to(kept), replaces=False)
    for stream in _streams(store):
        for file in _files(stream):
            _link(file, kept / file.relative_to(store), replaces=True)


def check_recovered(store: Path, monitoring_url: str) -> None:
    """Drop the links once the server knows every stream that they belong to. Raises `CannotStart` where it does not, or ends meanwhile."""
    known = _known_streams(monitoring_url)
    kept = store / "kept"
    lost = sorted(stream.name for stream in _streams(kept) if stream.name not in known)
    if lost:
        raise CannotStart(
            f"The NATS server could not read back {', '.join(lost)}, and its log says why. The files are kept in {kept}, and each start"
            f" tries them again. What agencies have a receipt for, and no service had taken yet, is in SUBMISSIONS alone. Mend them there;"
            f" or move {kept} away: the streams then begin empty, and the services fill them from what is in PostgreSQL."
        )
    shutil.rmtree(kept, ignore_errors=True)


def _known_streams(monitoring_url: str) -> set[str]:
    try:
        with urlopen(f"{monitoring_url}/jsz?accounts=true&streams=true", timeout=10) as answer:  # noqa: S310 - always http
            accounts: list[dict[str, Any]] = json.loads(answer.read()).get("account_details") or []
    except (OSError, HTTPException, ValueError) as error:
        raise CannotStart(f"The NATS server did not tell which streams it has ({type(error).__name__}).") from None
    return {str(stream["name"]) for account in accounts for stream in account.get("stream_detail", ())}


def _streams(home: Path) -> list[Path]:
    """The folders of streams: what else lies there, hidden files above all, is not the server's."""
    return [folder for folder in home.glob("jetstream/*/streams/*") if folder.is_dir() and not folder.name.startswith(".")]


def _files(stream: Path) -> list[Path]:
    return [path for path in stream.rglob("*") if path.is_file() and not path.name.startswith(".")]  # those are half-made links


def _link(file: Path, to: Path, *, replaces: bool) -> None:
    """One file in two places, or a copy of it where the file system has no links. What is there already stays, unless this replaces it."""
    if to.exists() and (not replaces or to.samefile(file)):
        return
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.new")
    draft.unlink(missing_ok=True)
    try:
        os.link(file, draft)
    except OSError:
        shutil.copy2(file, draft)  # fails with the reason where it is another one, such as a full disk
    draft.replace(to)
