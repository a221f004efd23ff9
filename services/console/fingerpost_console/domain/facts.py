"""A decision's facts, sorted by what they tell; and what each rule gave, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fingerpost_console.domain.names import Names, in_words, value_in_words
from fingerpost_shared.contracts.events import FactValue

_UNKNOWN = "unknown"
_RULED_OUT = frozenset({"no", "none", "not_applied", 0, ()})


@dataclass(frozen=True)
class FactSheet:
    """Facts as label and value, in words. What is unknown is kept apart from what is not so: missing is not zero, and not no."""

    telling: tuple[tuple[str, str], ...]
    ruled_out: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def fact_sheet(facts: Mapping[str, FactValue], names: Names) -> FactSheet:
    """Sort the facts of a decision, each group in the order they are given."""
    known = [(id, value) for id, value in facts.items() if value != _UNKNOWN]
    return FactSheet(
        telling=tuple((names.fact(id), value_in_words(value)) for id, value in known if value not in _RULED_OUT),
        ruled_out=tuple((names.fact(id), value_in_words(value)) for id, value in known if value in _RULED_OUT),
        unknown=tuple(names.fact(id) for id, value in facts.items() if value == _UNKNOWN),
    )


def gave_in_words(gave: str, names: Names) -> str:
    """What a rule gave: `lead: matac` as `MATAC leads`."""
    key, found, value = gave.partition(": ")
    ids = [id.strip(" []") for id in value.split(",")]
    match key if found else None:
        case "lead":
            return f"{_listed(ids, names.destination)} leads"
        case "also":
            return f"{_listed(ids, names.destination)} must own a part"
        case "copy":
            return f"Copy to {_listed(ids, names.destination)}"
        case "alert":
            return f"Alert to {_listed(ids, names.agency)}"
        case "band":
            return f"Band {value}"
        case "within":
            return f"Within {value}"
        case "tag":
            return f"Theme: {_listed(ids, in_words)}"
        case _:
            return gave


def _listed(ids: Sequence[str], name: Callable[[str], str]) -> str:
    named = [name(id) for id in ids]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
