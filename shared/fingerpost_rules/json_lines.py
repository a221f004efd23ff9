"""Referrals' facts as JSON lines: strict about what a line is, and never stopped by a bad one."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from fingerpost_rules.errors import InvalidFacts
from fingerpost_rules.facts import Facts
from fingerpost_rules.nearest import shown

CheckedFacts = dict[str, str | int | frozenset[str]]


class BadLine(ValueError):
    """A line that is no referral; its text says why, and `problems` each thing apart."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def facts_of_line(line: bytes, facts: Facts) -> CheckedFacts:
    """The checked facts in one line of JSON. Raises `BadLine`."""
    try:
        found = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_once_each, parse_constant=_refuse_constant)
        if not isinstance(found, dict):
            raise BadLine('This line is no JSON object of facts. Write e.g. {"victim_age": 34}.')
        return facts.check(cast("dict[str, Any]", found))
    except BadLine:
        raise
    except InvalidFacts as error:
        raise BadLine(*error.problems) from error
    except UnicodeDecodeError as error:
        raise BadLine("This line is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise BadLine(f"This line is no JSON: {error.msg} at sign {error.pos + 1}.") from error
    except RecursionError as error:
        raise BadLine("This line is nested too deep to be a referral's facts.") from error
    except ValueError as error:
        raise BadLine(f"This line cannot be read: {error}.") from error


def answers(lines: Iterable[bytes], facts: Facts, answer: Callable[[CheckedFacts], dict[str, Any]]) -> Iterator[str]:
    """One line of JSON for each line in: the answer to its facts, or `{"error": …}` that says what is wrong with it."""
    for line in lines:
        try:
            found = answer(facts_of_line(line, facts))
        except BadLine as error:
            found = {"error": str(error)}
        yield json.dumps(found)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadLine(f"{shown(name)} is written twice.")
        found[name] = value
    return found


def _refuse_constant(word: str) -> Any:
    raise BadLine(f"{word} is no JSON value.")
