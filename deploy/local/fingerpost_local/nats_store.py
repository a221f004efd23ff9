"""What a NATS server keeps in its store folder, looked after from outside: one bad moment must not cost a stream.

A server that cannot take up a stream deletes its files ("Error recreating stream" of 2.15.1), on a full disk those of several streams,
and SUBMISSIONS holds only copies. So it is not started there, and links to all files are kept over a start. `nats-server.sh` does the rest.
"""

import json
import os
import shutil
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
    """Link the files of every stream elsewhere until `check_recovered` finds all well; bring back those that a failed start deleted.

    Raises `CannotStart` if the disk is full.
    """
    if not has_room(store):
        free = shutil.disk_usage(store).free // MEGABYTE
        raise CannotStart(f"{free} MB are free where {store} is; {ROOM_MEGABYTES} MB are needed to start the NATS server. Make room.")
    kept = store / "kept"
    for links in kept.glob("jetstream/*/streams/*"):
        if not (store / links.relative_to(kept)).exists():
            shutil.copytree(links, store / links.relative_to(kept), copy_function=os.link)
    for stream in store.glob("jetstream/*/streams/*"):
        links = kept / stream.relative_to(store)
        shutil.rmtree(links, ignore_errors=True)
        shutil.copytree(stream, links, copy_function=os.link)


def check_recovered(store: Path, monitoring_url: str) -> None:
    """Drop the links once the server knows every stream that they belong to. Raises `CannotStart` where it does not."""
    with urlopen(f"{monitoring_url}/jsz?accounts=true&streams=true", timeout=10) as answer:  # noqa: S310 - always http
        accounts: list[dict[str, Any]] = json.loads(answer.read()).get("account_details") or []
    known = {str(stream["name"]) for account in accounts for stream in account.get("stream_detail", ())}
    kept = store / "kept"
    lost = sorted(links.name for links in kept.glob("jetstream/*/streams/*") if links.name not in known)
    if lost:
        raise CannotStart(
            f"The NATS server could not read back {', '.join(lost)}, and its log says why. The files are kept in {kept}, and each start"
            f" tries them again. What agencies have a receipt for, and no service had taken yet, is in SUBMISSIONS alone. Mend them there;"
            f" or move {kept} away: the streams then begin empty, and the services fill them from what is in PostgreSQL."
        )
    shutil.rmtree(kept, ignore_errors=True)
