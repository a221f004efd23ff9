"""What the rule language needs of the partnership's directory: which destinations and agencies there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from fingerpost_rules.reading import ErrorBook, Place, open_file
from fingerpost_rules.source import Node, Text, read_tree

Level = Literal["casework", "tactical", "strategic"]
LEVELS: tuple[Level, ...] = ("casework", "tactical", "strategic")


@dataclass(frozen=True)
class Names:
    """The directory's destinations with their levels, and its agencies: two name spaces, an id may be in both."""

    destinations: Mapping[str, Level]
    agencies: frozenset[str]


def read_names(path: Path | str) -> Names:
    """The names in a directory file; whatever else it holds is not looked at. Raises `Unreadable`."""
    book = ErrorBook(str(path))
    top = open_file(book, read_tree(path))
    parts = {key.value: (key, node) for key, node in top.entries()}
    for required in ("destinations", "agencies"):
        if required not in parts:
            top.error(top.table.line, f"'{required}' is missing. A directory names its destinations and its agencies.")
    destinations = _entries(top, parts, "destinations")
    levels: dict[str, Level] = {}
    for name, place in destinations.items():
        level = _level(place)
        if level is not None:
            levels[name] = level
    agencies = frozenset(_entries(top, parts, "agencies"))
    book.settle()
    return Names(levels, agencies)


def _entries(top: Place, parts: dict[str, tuple[Text, Node]], part: str) -> dict[str, Place]:
    place = top.within(*parts[part], name=part) if part in parts else None
    if place is None:
        return {}
    found = {key.value: place.within(key, node, name=key.value) for key, node in place.entries()}
    return {name: entry for name, entry in found.items() if entry is not None}


def _level(place: Place) -> Level | None:
    written = next(((key, node) for key, node in place.table.entries if key.value == "level"), None)
    if written is None:
        place.error(place.table.line, "'level' is missing. Write casework, tactical or strategic.")
        return None
    return cast("Level | None", place.one_of(*written, known=LEVELS))
