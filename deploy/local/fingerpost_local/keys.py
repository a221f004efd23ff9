"""Makes every secret of a local system once and keeps it in DIR/keys: a folder only its owner can enter, files only they can read."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import nkeys

from fingerpost_local.databases import ROLES, SUPERUSER
from fingerpost_local.failure import CannotStart
from fingerpost_local.parties import Parties

SECRET_NAMES = ("key-encryption", "token", "id", "jetstream", "console-assertion", "console-session")
KEY_BYTES = 32
SERVICE_USERS = ("intake", "router", "notifier", "console", "operator")


@dataclass(frozen=True)
class Keys:
    """What `make_keys` left on disk, by name."""

    directory: Path
    seeds: Mapping[str, Path]
    public_keys: Mapping[str, str]
    passwords: Mapping[str, str]
    credentials: Path

    def secret(self, name: str) -> str:
        """One of `SECRET_NAMES`, as url-safe base64 of 32 bytes."""
        return (self.directory / name).read_text(encoding="ascii").strip()

    def api_key(self, agency: str) -> str:
        """The bearer key of an agency, for its calls of intake's HTTP side."""
        return json.loads(self.credentials.read_text(encoding="utf-8"))["agencies"][agency]["api_key"]


def agency_user(agency: str) -> str:
    """The NATS user of an agency. An organisation may also be a destination, so the two have users of their own."""
    return f"agency-{agency}"


def destination_user(destination: str) -> str:
    """The NATS user of a destination."""
    return f"destination-{destination}"


def make_keys(directory: Path, parties: Parties) -> Keys:
    """Make what is missing, keep what is there, and write the two files derived from it for who is in the directory now.

    Safe to call at each start and after a crash at any point: a key file is either whole or absent. Raises `CannotStart` for one that
    was damaged otherwise.
    """
    for folder in (directory, directory / "nkeys", directory / "postgres"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    for name in SECRET_NAMES:
        _check_key(_make_once(directory / name, _random_key))
    users = [*SERVICE_USERS, *map(agency_user, parties.agencies), *map(destination_user, parties.destinations)]
    seeds = {user: _make_once(directory / "nkeys" / f"{user}.seed", _random_seed) for user in users}
    passwords = {
        role: _make_once(directory / "postgres" / role, _random_password).read_text(encoding="ascii") for role in (SUPERUSER, *ROLES)
    }
    credentials = _write_credentials(directory, parties, seeds)
    return Keys(directory, seeds, {user: _public_key(seed) for user, seed in seeds.items()}, passwords, credentials)


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner can read; a crash leaves the old one or the new one, never a part.

    A file that is so already is left alone: a full disk must not keep a system from starting.
    """
    if path.exists() and path.stat().st_mode & 0o777 == 0o600 and path.read_text(encoding="utf-8") == text:
        return
    draft = _draft(path, text)
    draft.replace(path)


def _make_once(path: Path, make: Callable[[], str]) -> Path:
    if not path.exists():
        write_private(path, make())
    return path


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _check_key(path: Path) -> None:
    try:
        is_whole = len(base64.b64decode(path.read_bytes().strip(), b"-_", validate=True)) == KEY_BYTES
    except ValueError:
        is_whole = False
    if not is_whole:
        raise CannotStart(f"{path} is damaged. Put it back from a backup: a new one would not open what the old one closed.")


def _random_password() -> str:
    return secrets.token_urlsafe(32)


def _random_seed() -> str:
    return nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER).decode("ascii")


def _public_key(seed: Path) -> str:
    try:
        return cast(bytes, nkeys.from_seed(bytearray(seed.read_bytes().strip())).public_key).decode("ascii")
    except (nkeys.NkeysError, ValueError) as error:
        raise CannotStart(
            f"{seed} is damaged. Put it back from a backup, or take it away: who signs in with it then needs a new one."
        ) from error


def _write_credentials(directory: Path, parties: Parties, seeds: Mapping[str, Path]) -> Path:
    """`credentials.json` for people and scripts, `api-keys.json` with only hashes for intake; both for today's parties alone."""
    path = directory / "credentials.json"
    try:
        known: dict[str, Any] = json.loads(path.read_bytes())["agencies"] if path.exists() else {}
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(
            f"{path} is damaged. Put it back from a backup, or take it away: every agency then needs a new API key."
        ) from error
    api_keys = {agency: known[agency]["api_key"] if agency in known else secrets.token_urlsafe(32) for agency in parties.agencies}
    credentials = {
        "agencies": {agency: {"api_key": key, "nats": str(seeds[agency_user(agency)])} for agency, key in api_keys.items()},
        "destinations": {destination: {"nats": str(seeds[destination_user(destination)])} for destination in parties.destinations},
        "operator": {"nats": str(seeds["operator"])},
    }
    write_private(path, json.dumps(credentials, indent=2) + "\n")
    hashes = {agency: hashlib.sha256(key.encode()).hexdigest() for agency, key in api_keys.items()}
    write_private(directory / "api-keys.json", json.dumps(hashes, indent=2) + "\n")
    return path
