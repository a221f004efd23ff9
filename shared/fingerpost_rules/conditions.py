"""A `when`: cells that must all be met, and alternatives of which one must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fingerpost_rules.cells import Box, Cell, overlay
from fingerpost_rules.facts import Facts
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.offers import CellError, read_cell
from fingerpost_rules.reading import Place
from fingerpost_rules.source import Items, Node, Table, Text

ANY_OF = "any_of"


@dataclass(frozen=True)
class Condition:
    """Holds where all cells of `always` are met and, where there are alternatives, all cells of one of them."""

    always: Mapping[int, Cell]
    alternatives: tuple[Mapping[int, Cell], ...] = ()

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The condition as a union of boxes: one for each alternative together with the rest, or the one there is."""
        if not self.alternatives:
            return (self.always,)
        return tuple(overlay(self.always, alternative) for alternative in self.alternatives)


def read_condition(place: Place, facts: Facts) -> Condition:
    """The condition in a table such as `{kinds: has asb, any_of: [{…}, {…}]}`; faults are noted in the place's book."""
    always: dict[int, Cell] = {}
    alternatives: tuple[Mapping[int, Cell], ...] = ()
    for key, node in place.entries():
        if key.value == ANY_OF:
            alternatives = _read_alternatives(place, key, node, facts)
        else:
            _read_cell_into(always, place, key, node, facts)
    return Condition(always, alternatives)


def _read_alternatives(place: Place, key: Text, node: Node, facts: Facts) -> tuple[Mapping[int, Cell], ...]:
    if isinstance(node, Items) and not node.items:
        place.error(key.line, "'any_of' is empty, so the rule could never fire. Write alternatives, or leave it out.")
    read: list[Mapping[int, Cell]] = []
    for table in place.tables(key, node):
        if not table.entries:
            place.error(table.line, "an alternative of 'any_of' is empty, so it would always hold. Fill it or take it out.")
        cells: dict[int, Cell] = {}
        for word, value in Place(place.book, place.name, table).entries():
            if word.value == ANY_OF:
                place.error(word.line, "'any_of' cannot stand inside 'any_of'. Write one flat list of alternatives.")
            else:
                _read_cell_into(cells, place, word, value, facts)
        read.append(cells)
    return tuple(read)


def _read_cell_into(cells: dict[int, Cell], place: Place, key: Text, node: Node, facts: Facts) -> None:
    where = facts.place_of.get(key.value)
    if where is None:
        place.error(key.line, f"unknown fact {shown(key.value)}.{hint(key.value, (*facts.names, ANY_OF))}")
        return
    texts = _texts(place, key, node)
    if texts is None:
        return
    try:
        cells[where] = read_cell(facts.facts[where], [text.value for text in texts])
    except CellError as error:
        place.error(texts[0].line, str(error))


def _texts(place: Place, key: Text, node: Node) -> tuple[Text, ...] | None:
    if isinstance(node, Table):
        place.error(node.line, f"'{key.value}' wants a condition in words, not a table.")
        return None
    texts = node.items if isinstance(node, Items) else (node,)
    words = tuple(text for text in texts if isinstance(text, Text) and text.value.strip())
    if not words or len(words) < len(texts):
        place.error(key.line, f"'{key.value}' has an empty condition. Write one, or leave the fact out where anything will do.")
        return None
    return words
