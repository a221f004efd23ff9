"""Taking a file's tree apart: each expectation that is not met is noted with its line, and the reading goes on."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fingerpost_rules.errors import FileError, Unreadable
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.source import Items, Node, Table, Text

_MOST_ERRORS = 1_000
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_FIRST_KEY_OF_A_ROW = "id"
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass
class ErrorBook:
    """Gathers what is wrong with one file."""

    file: str
    errors: list[FileError] = field(default_factory=list[FileError])

    def note(self, line: int, message: str) -> None:
        """Keeps an error; beyond a thousand they would help nobody."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(FileError(self.file, line, message))

    def settle(self) -> None:
        """Raises `Unreadable` with all that was noted, if anything was."""
        if self.errors:
            raise Unreadable(tuple(sorted(set(self.errors), key=lambda error: error.line)))


def number_of(text: str) -> int | None:
    """The whole number that `text` spells in plain digits, else none."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


@dataclass(frozen=True)
class Place:
    """A named table of the file, and the book where its faults go. `name` begins its error messages."""

    book: ErrorBook
    name: str
    table: Table

    def error(self, line: int, message: str) -> None:
        self.book.note(line, f"{self.name}: {message}" if self.name else message)

    def keys(self, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, tuple[Text, Node]]:
        """The known keys as written; notes keys that are unknown, written twice, or required and missing."""
        known_keys = tuple(known)
        found: dict[str, tuple[Text, Node]] = {}
        for key, value in self.entries():
            if key.value not in known_keys:
                self.error(key.line, f"unknown key {shown(key.value)}.{hint(key.value, known_keys)}")
            else:
                found[key.value] = (key, value)
        for key in required:
            if self.table.get(key) is None:
                self.error(self.table.line, f"'{key}' is missing. Every {self._kind()} needs it.")
        return found

    def entries(self) -> Iterator[tuple[Text, Node]]:
        """Each key and value once; notes a key written twice (at the second)."""
        seen: set[str] = set()
        for key, value in self.table.entries:
            if key.value in seen:
                is_of_a_row = key.value == _FIRST_KEY_OF_A_ROW
                advice = "Does a new entry begin here? Put '- ' before it." if is_of_a_row else "Keep one of them."
                self.error(key.line, f"'{key.value}' is written twice. {advice}")
                continue
            seen.add(key.value)
            yield key, value

    def _kind(self) -> str:
        return "entry like this" if self.name else "file of this kind"

    def text(self, key: Text, node: Node) -> str | None:
        """A word or sentence that is not empty."""
        if isinstance(node, Text):
            if node.value.strip():
                return node.value.strip()
            self.error(key.line, f"'{key.value}' has no value.")
        else:
            self.error(node.line, f"'{key.value}' wants words, not a {_shape(node)}. Put a text with signs in quotes.")
        return None

    def number(self, key: Text, node: Node, least: int) -> int | None:
        """A whole number, `least` or more."""
        text = self.text(key, node)
        if text is None:
            return None
        number = number_of(text)
        if number is None or number < least:
            self.error(node.line, f"'{key.value}' is {shown(text)}; it must be a whole number, {least} or more.")
            return None
        return number

    def truth(self, key: Text, node: Node) -> bool:
        """`true` or `false`."""
        text = self.text(key, node)
        if text is not None and text not in _TRUTHS:
            self.error(node.line, f"'{key.value}' is {shown(text)}; it must be true or false.")
        return _TRUTHS.get(text or "", False)

    def one_of(self, key: Text, node: Node, known: Iterable[str]) -> str | None:
        """One of the known words."""
        text = self.text(key, node)
        words = tuple(known)
        if text is not None and text not in words:
            self.error(node.line, f"'{key.value}' is {shown(text)}, which is not known.{hint(text, words)}")
            return None
        return text

    def words(self, key: Text, node: Node) -> tuple[Text, ...]:
        """A list of words, each once."""
        if not isinstance(node, Items):
            self.error(node.line, f"'{key.value}' wants a list: write e.g. {key.value}: [one, another].")
            return ()
        found: dict[str, Text] = {}
        for item in node.items:
            if not isinstance(item, Text) or not item.value.strip():
                self.error(item.line, f"'{key.value}' wants a list of single words.")
            elif item.value in found:
                self.error(item.line, f"'{item.value}' is written twice under '{key.value}'. Keep one of them.")
            else:
                found[item.value] = item
        return tuple(found.values())

    def tables(self, key: Text, node: Node) -> tuple[Table, ...]:
        """A list of tables, such as the rules."""
        if not isinstance(node, Items):
            self.error(node.line, f"'{key.value}' wants a list; begin each entry with '- '.")
            return ()
        for item in node.items:
            if not isinstance(item, Table):
                self.error(item.line, f"each entry of '{key.value}' must be a table of keys and values.")
        return tuple(item for item in node.items if isinstance(item, Table))

    def within(self, key: Text, node: Node, name: str) -> "Place | None":
        """The table under `key` as a place of its own."""
        if isinstance(node, Table):
            return Place(self.book, name, node)
        self.error(node.line, f"'{key.value}' must hold keys and values, such as '{key.value}: {{…}}'.")
        return None


def open_file(book: ErrorBook, tree: Node) -> Place:
    """The whole file as a place. Raises `Unreadable` when it is not a table of keys and values."""
    if not isinstance(tree, Table):
        book.note(tree.line, "This file must hold keys and values, and holds something else or nothing.")
        book.settle()
        tree = Table((), 1)
    return Place(book, "", tree)


def _shape(node: Node) -> str:
    return "list" if isinstance(node, Items) else "table"
