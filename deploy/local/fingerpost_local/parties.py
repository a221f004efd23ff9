"""Who stands outside: the agencies and destinations of a partnership, as far as accounts and keys need to know them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from fingerpost_local.failure import CannotStart

_SUBJECT_TOKEN = re.compile(r"^[a-z0-9][a-z0-9_-]*$")


@dataclass(frozen=True)
class Parties:
    """The ids of a partnership's outside parties, in the order of its directory. Each is safe as one token of a subject."""

    agencies: tuple[str, ...]
    destinations: tuple[str, ...]


def read_parties(partnership_dir: Path) -> Parties:
    """The parties named in `directory.yaml`. Raises `CannotStart` when it is missing, unreadable, or an id cannot be a subject."""
    path = partnership_dir / "directory.yaml"
    try:
        directory: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotStart(
            f"{path} does not exist. Set FINGERPOST_PARTNERSHIP_DIR to the folder that holds a partnership's directory.yaml."
        ) from None
    except yaml.YAMLError as error:
        raise CannotStart(f"{path} is not YAML ({_where(error)}). `fingerpost config check` shows what to mend.") from None
    if not isinstance(directory, Mapping):
        raise CannotStart(f"{path} should be a table with `agencies` and `destinations`.")
    table = cast(Mapping[str, Any], directory)
    return Parties(agencies=_ids(path, table, "agencies"), destinations=_ids(path, table, "destinations"))


def _ids(path: Path, directory: Mapping[str, Any], section: str) -> tuple[str, ...]:
    entries: object = directory.get(section)
    if not isinstance(entries, Mapping) or not entries:
        raise CannotStart(f"{path}: `{section}` should be a table of at least one id.")
    ids = tuple(str(key) for key in cast(Mapping[object, object], entries))
    for party in ids:
        if not _SUBJECT_TOKEN.match(party):
            raise CannotStart(
                f"{path}: {section}: {party!r} cannot be an id. Use lower-case letters, digits, `_` and `-`, as in `women_aid`."
            )
    return ids


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark is not None else "no line known"
