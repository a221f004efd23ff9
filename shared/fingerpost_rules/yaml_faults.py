"""What is wrong with text that is no YAML, said so that whoever indents, quotes and brackets by hand can mend it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fingerpost_rules.nearest import shown

_CURLY_VALUE = re.compile(r"(?:^|[:\[{,-])\s*[“”„‘]")
_DASHES = re.compile(r"\s*(?:- +)*")
_CLOSERS = {"'}'": "{}", "']'": "[]"}

Told = tuple[int, str]


@dataclass(frozen=True)
class _Place:
    """A place of the text, counted from 0."""

    line: int
    column: int


@dataclass(frozen=True)
class _Fault:
    """What the YAML reader says, where it stopped, and where what it was in had begun."""

    lines: list[str]
    problem: str
    at: _Place
    begun: _Place

    def written(self, place: _Place) -> str:
        """The line of a place; empty after the end of the text."""
        return self.lines[place.line] if place.line < len(self.lines) else ""

    @property
    def sign(self) -> str:
        """The sign at which the reader stopped."""
        return self.written(self.at)[self.at.column : self.at.column + 1]


def in_plain_words(problem: str, at: Any, begun: Any, text: str) -> Told:
    """The line at fault, counted from 1, and what to do there. `at` and `begun` are the YAML reader's marks, where it gives them."""
    first, second = (mark or at or begun for mark in (at, begun))
    if first is None:
        return 1, _unexplained(problem)
    fault = _Fault(text.splitlines(), problem, _Place(first.line, first.column), _Place(second.line, second.column))
    for explain in _EXPLANATIONS:
        told = explain(fault)
        if told is not None:
            return told
    return first.line + 1, _unexplained(problem)


def _unexplained(problem: str) -> str:
    return f"YAML cannot be read here: {problem}. Look at this line and the one before; put texts with signs in quotes."


def _tab(fault: _Fault) -> Told | None:
    written = fault.written(fault.at)
    if "\t" in written[: len(written) - len(written.lstrip())] or "\\t" in fault.problem:
        return fault.at.line + 1, "A tab where YAML wants blanks. Indent with two blanks instead."
    return None


def _depth(fault: _Fault) -> Told | None:
    return (fault.at.line + 1, "Nested too deep, which no rule set needs.") if "nesting depth" in fault.problem else None


def _curly_quotes(fault: _Fault) -> Told | None:
    for place in (fault.at, fault.begun):
        if _CURLY_VALUE.search(fault.written(place)):
            return place.line + 1, f"{shown(fault.written(place))} has a word processor's curly quotes. Type straight ones: \"."
    return None


def _unclosed_quote(fault: _Fault) -> Told | None:
    if "end of stream" in fault.problem:
        return fault.begun.line + 1, f"{shown(fault.written(fault.begun))} begins a quote that is not closed. Put a quote at its end too."
    return None


def _bracket(fault: _Fault) -> Told | None:
    pair = next((pair for closer, pair in _CLOSERS.items() if "expected ','" in fault.problem and closer in fault.problem), None)
    if pair is None:
        return None
    if fault.sign == ":" and fault.at.line == fault.begun.line:
        message = "holds a colon too many. Put a comma before the next key, or a text that holds a colon in quotes."
        return fault.at.line + 1, f"{shown(fault.written(fault.at))} {message}"
    opened = shown(fault.written(fault.begun)[fault.begun.column :])
    return fault.begun.line + 1, f"The '{pair[0]}' that begins {opened} is not closed. Put a '{pair[1]}' where it ends."


def _no_colon(fault: _Fault) -> Told | None:
    if "could not find expected ':'" in fault.problem:
        return fault.begun.line + 1, _lacks_a_colon(fault.written(fault.begun))
    above = next(_lines_above(fault), None)
    if above is None or "mapping values" not in fault.problem or not _is_first_colon(fault):
        return None
    number, line = above
    if re.match(r"\s*-[^\s-]", line):
        return number + 1, f"{shown(line)} lacks a blank after its hyphen. Begin an entry with '- '."
    if ":" not in line and _columns(line)[-1] == _columns(fault.written(fault.at))[0]:
        return number + 1, _lacks_a_colon(line)
    return None


def _lacks_a_colon(line: str) -> str:
    key = _DASHES.sub("", line, count=1).split(":")[0].split(" ")[0]
    advice = f"Write {shown(key + ': …')}; if it goes on with the text above, indent it further."
    return f"{shown(line)} lacks a colon and a blank after its key. {advice}"


def _cut_at_a_colon(fault: _Fault) -> Told | None:
    if "mapping values" in fault.problem and not _is_first_colon(fault):
        written = shown(fault.written(fault.at))
        return fault.at.line + 1, f"{written} is cut at a colon. Put a text that holds a colon or a comma in quotes."
    return None


def _indented(fault: _Fault) -> Told | None:
    written = fault.written(fault.at)
    column = _columns(written)[0]
    is_begun_here = "mapping values" in fault.problem or (fault.problem.startswith("did not find expected") and fault.at.column == column)
    levels = _levels_above(fault, is_entry=written.lstrip().startswith("- "))
    if not is_begun_here or not levels:
        return None
    nearest = min(levels, key=lambda level: (abs(level - column), -level))
    if nearest == column:
        return None
    blanks = "a blank" if abs(nearest - column) == 1 else f"{abs(nearest - column)} blanks"
    where = "left" if column < nearest else "right, or the line above too far left"
    advice = "What belongs together begins in one column; a text that goes on from the line above wants quotes."
    return fault.at.line + 1, f"{shown(written)} begins {blanks} too far {where}. {advice}"


def _left_over(fault: _Fault) -> Told | None:
    if not fault.problem.startswith("did not find expected") or fault.at.column == _columns(fault.written(fault.at))[0]:
        return None
    if fault.sign in ("]", "}"):
        return (
            fault.at.line + 1,
            f"The '{fault.sign}' at the end of {shown(fault.written(fault.at)[: fault.at.column + 1])} closes nothing.",
        )
    return fault.at.line + 1, f"{shown(fault.written(fault.at))} goes on after a quote or bracket ended. Put the whole text in quotes."


def _first_sign(fault: _Fault) -> Told | None:
    if "cannot start any token" in fault.problem or "alphabetic or numeric" in fault.problem:
        return fault.at.line + 1, f"{shown(fault.written(fault.at))} holds a text that begins with a sign. Put it in quotes."
    return None


_EXPLANATIONS: tuple[Callable[[_Fault], Told | None], ...] = (
    _tab,
    _depth,
    _curly_quotes,
    _unclosed_quote,
    _bracket,
    _no_colon,
    _cut_at_a_colon,
    _first_sign,
    _indented,
    _left_over,
)


def _is_first_colon(fault: _Fault) -> bool:
    return ": " not in fault.written(fault.at)[: fault.at.column]


def _lines_above(fault: _Fault) -> Iterator[tuple[int, str]]:
    """The lines above the fault with their numbers, the nearest first, without empty ones and remarks."""
    for number in range(min(fault.at.line, len(fault.lines)) - 1, -1, -1):
        line = fault.lines[number]
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _levels_above(fault: _Fault, *, is_entry: bool) -> list[int]:
    """The columns in which keys (or the hyphens of entries) of the tables and lists begin that the fault is in."""
    levels: list[int] = []
    outermost = max(map(len, fault.lines), default=0)
    for _, line in _lines_above(fault):
        for column in reversed(_columns(line)):
            if column < outermost:
                outermost = column
                if (line[column : column + 2] == "- ") == is_entry:
                    levels.append(column)
        if outermost == 0:
            break
    return levels


def _columns(line: str) -> list[int]:
    """Where its hyphens begin, and then its text."""
    text = len(line) - len(_DASHES.sub("", line, count=1))
    return [*(column for column in range(text) if line[column] == "-"), text]
