"""Whether a schema only adds to what was promised, so that who reads or writes the old one still can."""

from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = frozenset({"description", "title", "default"})
_DEFINITIONS = "$defs"  # what is defined demands nothing until something refers to it
_MEMBERS = frozenset({"properties", _DEFINITIONS})  # mappings of names, where a new one is no new demand


def breaks(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Each change that is more than an addition, by its place in the schema."""
    name = place.rsplit("/", 1)[-1]
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(before, after, place)
    elif name == "required":
        yield from (f"{place}: '{field}' is demanded now" for field in set(after) - set(before))
        yield from (f"{place}: '{field}' may be left out now" for field in set(before) - set(after))
    elif isinstance(before, list) and isinstance(after, list):
        yield from (f"{place}: {choice!r} is gone" for choice in before if choice not in after)
    elif before != after:
        yield f"{place}: was {before!r}, is {after!r}"


def _of_mappings(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[str]:
    is_names = place.rsplit("/", 1)[-1] in _MEMBERS
    ignored = frozenset[str]() if is_names else _WORDS
    for name in before.keys() - ignored:
        if name in after:
            yield from breaks(before[name], after[name], f"{place}/{name}")
        else:
            yield f"{place}/{name}: is gone"
    if not is_names:
        yield from (f"{place}/{name}: is new" for name in after.keys() - before.keys() - ignored - {_DEFINITIONS})
