"""What the rule language needs of the partnership's directory: which destinations and agencies there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.reading import ErrorBook, Place, open_file
from fingerpost_rules.source import Node, Text, read_tree

Level = Literal["casework", "tactical", "strategic"]
LEVELS: tuple[Level, ...] = ("casework", "tactical", "strategic")


@dataclass(frozen=True)
class Names:
    """The directory's destinations with their levels, and its agencies: two name spaces, an id may be in both."""

    destinations: Mapping[str, Level]
    agencies: frozenset[str]

    def destination_hint(self, word: str, agencies_stand: str = "'alert'") -> str:
        """A sentence, with its leading blank, about a word that is no destination: the other list comes before what is alike."""
        if word not in self.agencies:
            return hint(word, sorted(self.destinations))
        longer = next((name for name in sorted(self.destinations) if name.startswith(word)), None)
        return f" '{word}' is an agency: put it under {agencies_stand}{f', or name the destination {shown(longer)}' if longer else ''}."

    def agency_hint(self, word: str, destinations_stand: str = "'also' or 'copy'") -> str:
        """A sentence, with its leading blank, about a word that is no agency."""
        if word not in self.destinations:
            return hint(word, sorted(self.agencies))
        return f" '{word}' is a destination: put it under {destinations_stand}."


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
