"""YAML text as a tree of typed words, each with its line: no `no` that turned into false, no date, no float.

Nothing here knows what a rule is. Whatever the bytes, the answer is a tree or a clear error: aliases are written out up to a
limit, and what is too big, too deep, bound to itself or not text is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from fingerpost_rules.errors import FileError, Unreadable
from fingerpost_rules.nearest import shown
from fingerpost_rules.yaml_faults import in_plain_words

LARGEST_FILE = 8_000_000
_MOST_NODES = 1_000_000
_DEEPEST = 24
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A word or sentence exactly as it was typed; `value` is empty where nothing was."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in the file's order; a key that was written twice stands here twice."""

    entries: tuple[tuple[Text, "Node"], ...]
    line: int

    def get(self, key: str) -> "Node | None":
        """The value of `key`, if it was written."""
        return next((value for word, value in self.entries if word.value == key), None)


Node = Text | Items | Table


def read_tree(path: Path | str) -> Node:
    """The one document of a YAML file. Raises `Unreadable` for what is not YAML text of a sensible size."""
    file = str(path)
    text = read_text(file)
    try:
        return _TreeBuilder(file).build(cast("Iterator[Any]", yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        line, message = in_plain_words(error.problem or "", error.problem_mark, error.context_mark, text)
        raise Unreadable((FileError(file, line, message),)) from error
    except yaml.YAMLError as error:
        raise Unreadable((FileError(file, _line_of_control_character(text), f"Not YAML text: {error}."),)) from error


def read_text(path: Path | str) -> str:
    """The text of a file in any encoding that the language takes. Raises `Unreadable`."""
    return _decoded(str(path), _bytes_of(str(path)))


def _bytes_of(file: str) -> bytes:
    try:
        with open(file, "rb") as handle:
            content = handle.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unreadable((FileError(file, 1, f"Cannot be opened: {reason}. Check the path."),)) from error
    if len(content) > LARGEST_FILE:
        message = f"Larger than {LARGEST_FILE // 1_000_000} MB, which no rule set needs. Is it the right file?"
        raise Unreadable((FileError(file, 1, message),))
    return content


def _decoded(file: str, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable((FileError(file, line, "Not UTF-8 text. Save the file as UTF-8 and try again."),)) from error


def _line_of_control_character(text: str) -> int:
    for number, line in enumerate(text.split("\n"), start=1):
        if any(ord(sign) < 32 and sign not in "\t\r" for sign in line):
            return number
    return 1


@dataclass
class _Open:
    """A list or table whose end has not been met yet."""

    line: int
    is_table: bool
    anchor: str | None
    nodes: list[Node] = field(default_factory=list[Node])
    size: int = 1


class _TreeBuilder:
    """Builds the tree from YAML's events, without recursion, so that no nesting can break it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._open: list[_Open] = [_Open(1, False, None)]
        self._documents = 0

    def build(self, events: Iterator[Any]) -> Node:
        for event in events:
            self._take(event, event.start_mark.line + 1)
        found = self._open[0].nodes
        return found[0] if found else Text("", 1)

    def _take(self, event: Any, line: int) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._fault(line, "A second document begins here. One file holds one; take out the '---'.")
            case yaml.AliasEvent():
                self._add(*self._aliased(event.anchor, line), line)
            case yaml.ScalarEvent():
                self._refuse_tag(event.tag, line)
                self._keep(event.anchor, Text(event.value, line), 1, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_tag(event.tag, line)
                self._begin(_Open(line, isinstance(event, yaml.MappingStartEvent), event.anchor))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case _:
                pass

    def _begin(self, opened: _Open) -> None:
        if len(self._open) > _DEEPEST:
            raise self._fault(opened.line, f"Nested more than {_DEEPEST} deep, which no rule set needs.")
        if opened.anchor:
            self._anchors[opened.anchor] = None
        self._open.append(opened)

    def _end(self) -> None:
        done = self._open.pop()
        node = self._table(done) if done.is_table else Items(tuple(done.nodes), done.line)
        self._keep(done.anchor, node, done.size, done.line)

    def _table(self, done: _Open) -> Table:
        entries: list[tuple[Text, Node]] = []
        for key, value in zip(done.nodes[::2], done.nodes[1::2], strict=True):
            if not isinstance(key, Text):
                raise self._fault(key.line, "A key must be one word, not a list or a table.")
            entries.append((key, value))
        return Table(tuple(entries), done.line)

    def _keep(self, anchor: str | None, node: Node, size: int, line: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        self._add(node, size, line)

    def _add(self, node: Node, size: int, line: int) -> None:
        parent = self._open[-1]
        parent.nodes.append(node)
        parent.size += size
        if parent.size > _MOST_NODES:
            raise self._fault(line, "Written out in full, this holds over a million words, which no rule set needs.")

    def _aliased(self, anchor: str, line: int) -> tuple[Node, int]:
        known = self._anchors.get(anchor, (Text("", line), 0))
        if known is None:
            raise self._fault(line, f"'*{anchor}' stands inside itself. Write out what is meant.")
        if known[1] == 0:
            raise self._fault(line, f"'*{anchor}' is not defined above. Write out what is meant.")
        return known

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag not in (None, "!"):
            raise self._fault(line, f"The YAML tag {shown(str(tag))} means nothing here. Take it out.")

    def _fault(self, line: int, message: str) -> Unreadable:
        return Unreadable((FileError(self._file, line, message),))
