"""The closed facts that rules decide by: what values each may take, and what one referral's facts must look like."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

from fingerpost_rules.cells import Box, meets
from fingerpost_rules.errors import InvalidFacts
from fingerpost_rules.nearest import hint, shown

UNKNOWN = "unknown"

FactValue = str | int | frozenset[str] | Sequence[str]
"""One fact of one referral: a word, a whole number, or for a set its members; `unknown` is a word."""


@dataclass(frozen=True)
class ScalarFact:
    """A number, choice or flag: one value of a finite range, from least to most risk where `risk_up`."""

    name: str
    label: str
    kind: Literal["number", "choice", "flag"]
    values: tuple[str | int, ...]
    has_unknown: bool = False
    risk_up: bool = False
    counted: bool = False
    quiet: str | int | None = None

    @cached_property
    def domain(self) -> tuple[str | int, ...]:
        """Every value in order, *unknown* last."""
        return (*self.values, UNKNOWN) if self.has_unknown else self.values

    @cached_property
    def place_of(self) -> Mapping[str | int, int]:
        """Where each value stands in the domain; the bit of a mask that means it."""
        return {value: place for place, value in enumerate(self.domain)}

    @property
    def everything(self) -> int:
        """The mask of all values, unknown with them."""
        return (1 << len(self.domain)) - 1

    @property
    def unknown_bit(self) -> int:
        """The mask of *unknown* alone, or nothing where the fact is always known."""
        return 1 << len(self.values) if self.has_unknown else 0

    def checked(self, value: Any) -> str | int:
        """`value`, if it is one of this fact. Raises ValueError that says what it may be."""
        is_right_type = type(value) is int if self.kind == "number" and value != UNKNOWN else isinstance(value, str)
        if is_right_type and value in self.place_of:
            return value
        raise ValueError(f"{self.name} is {_as_written(value)}; it must be {self._choice_in_words()}")

    def _choice_in_words(self) -> str:
        known = [str(value) for value in self.domain]
        if self.kind == "number":
            known = [f"a whole number from {self.values[0]} to {self.values[-1]}", *known[len(self.values) :]]
        return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} or {known[-1]}"


@dataclass(frozen=True)
class SetFact:
    """Any of its members together, `at_least` of them; or unknown, where it may be."""

    name: str
    label: str
    members: tuple[str, ...]
    at_least: int = 0
    has_unknown: bool = False
    risk_up: bool = False
    counted: bool = False
    quiet: frozenset[str] | str | None = None

    @cached_property
    def bit_of(self) -> Mapping[str, int]:
        """The bit that each member has in a mask of members."""
        return {member: 1 << place for place, member in enumerate(self.members)}

    @property
    def all_members(self) -> int:
        """The mask of all members."""
        return (1 << len(self.members)) - 1

    def mask(self, held: frozenset[str]) -> int:
        """The members as a mask."""
        return sum(self.bit_of[member] for member in held)

    def held(self, mask: int) -> frozenset[str]:
        """The members of a mask."""
        return frozenset(member for member, bit in self.bit_of.items() if mask & bit)

    def checked(self, value: Any) -> frozenset[str] | str:
        """`value`, if it is one of this fact. Raises ValueError that says what it may be."""
        if value == UNKNOWN and self.has_unknown:
            return UNKNOWN
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._checked_members([*cast("Iterable[Any]", value)])
        alternative = f", or '{UNKNOWN}'" if self.has_unknown else ""
        raise ValueError(f"{self.name} is {_as_written(value)}; it must be a list of its values{alternative}")

    def known_of(self, value: Any) -> frozenset[str] | str:
        """The members that are known among those of a value that is none of this fact's; *unknown* where they are too few."""
        members = cast("Iterable[Any]", value) if isinstance(value, (list, tuple, set, frozenset)) else ()
        held = frozenset(member for member in members if isinstance(member, str) and member in self.bit_of)
        return held if held and len(held) >= self.at_least else UNKNOWN

    def _checked_members(self, members: list[Any]) -> frozenset[str]:
        for member in members:
            if not isinstance(member, str) or member not in self.bit_of:
                raise ValueError(f"{self.name} has no value {_as_written(member)}.{hint(str(member), self.members)}")
        held: frozenset[str] = frozenset(members)  # not frozenset[str](…), which is ten times slower
        if len(held) < len(members):
            raise ValueError(f"{self.name} names one of its values twice")
        if len(held) < self.at_least:
            raise ValueError(f"{self.name} has {len(held)} values; it must have at least {self.at_least}")
        return held


Fact = ScalarFact | SetFact


@dataclass(frozen=True)
class Facts:
    """A facts file: the facts in its order, and which combinations cannot be."""

    version: int
    facts: tuple[Fact, ...]
    impossible: tuple[Box, ...] = ()
    never_more_than: tuple[tuple[int, int], ...] = ()

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Where each fact stands in `facts`."""
        return {fact.name: place for place, fact in enumerate(self.facts)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(fact.name for fact in self.facts)

    def fact(self, name: str) -> Fact:
        """The fact of that name. Raises KeyError."""
        return self.facts[self.place_of[name]]

    def check(self, given: Mapping[str, Any]) -> dict[str, str | int | frozenset[str]]:
        """One referral's facts, all of them: what is missing and may be is unknown, sets are frozensets.

        Raises `InvalidFacts` that lists every fact at fault: an unknown name, a value that is not one, or a fact that
        cannot be unknown and is missing.
        """
        problems = [f"unknown fact {shown(str(name))}.{hint(str(name), self.names)}" for name in given if name not in self.place_of]
        checked: dict[str, str | int | frozenset[str]] = {}
        for fact in self.facts:
            try:
                checked[fact.name] = self._one(fact, given)
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise InvalidFacts(tuple(problems))
        return checked

    def known_of(self, given: Mapping[str, Any]) -> tuple[dict[str, str | int | frozenset[str]], tuple[str, ...]]:
        """What this file knows of facts that may be of another one, and the names of those that it does not know or lacks.

        A value that is none here is unknown, even of a fact that cannot be; a set keeps the members that are known, if they are enough.
        """
        strange = [name for name in given if name not in self.place_of]
        known: dict[str, str | int | frozenset[str]] = {}
        for fact in self.facts:
            try:
                known[fact.name] = self._one(fact, given)
            except ValueError:
                strange.append(fact.name)
                known[fact.name] = fact.known_of(given.get(fact.name)) if isinstance(fact, SetFact) else UNKNOWN
        return known, tuple(sorted(strange))

    def _one(self, fact: Fact, given: Mapping[str, Any]) -> str | int | frozenset[str]:
        if fact.name in given:
            return fact.checked(given[fact.name])
        if fact.has_unknown:
            return UNKNOWN
        raise ValueError(f"{fact.name} is missing, and it cannot be unknown")

    def quiet(self) -> dict[str, str | int | frozenset[str]]:
        """What an expectation means by a fact that it does not name: its quiet value, else unknown where that may be,
        else empty for a set and the first value for others. An empty set may be too small to be a value: check it."""
        return {fact.name: _quiet_value(fact) for fact in self.facts}

    def clamp(self, name: str, number: int) -> int:
        """The nearest number in the range of a number fact: 51 repeats are 50. Raises KeyError for any other fact."""
        fact = self.fact(name)
        if not isinstance(fact, ScalarFact) or fact.kind != "number":
            raise KeyError(name)
        return min(max(number, int(fact.values[0])), int(fact.values[-1]))

    def is_impossible(self, checked: Mapping[str, str | int | frozenset[str]]) -> bool:
        """Whether checked facts are a combination that cannot be."""
        return bool(self.contradicting(checked))

    def contradicting(self, checked: Mapping[str, str | int | frozenset[str]]) -> tuple[str, ...]:
        """The facts of the first combination that cannot be, among checked facts; empty if they can be."""
        for left, right in self.never_more_than:
            lesser, greater = checked[self.facts[left].name], checked[self.facts[right].name]
            if isinstance(lesser, int) and isinstance(greater, int) and lesser > greater:
                return self.facts[left].name, self.facts[right].name
        return next((tuple(self.facts[place].name for place in box) for box in self.impossible if self.inside(box, checked)), ())

    def inside(self, box: Box, checked: Mapping[str, str | int | frozenset[str]]) -> bool:
        """Whether checked facts meet every cell of a box."""
        return all(meets(cell, self._as_mask(place, checked)) for place, cell in box.items())

    def _as_mask(self, place: int, checked: Mapping[str, str | int | frozenset[str]]) -> int | None:
        fact = self.facts[place]
        value = checked[fact.name]
        if isinstance(fact, ScalarFact):
            return 1 << fact.place_of[value] if not isinstance(value, frozenset) else 0
        return fact.mask(value) if isinstance(value, frozenset) else None


def _as_written(value: object) -> str:
    return shown(value if isinstance(value, str) else json.dumps(value, default=str))


def _quiet_value(fact: Fact) -> str | int | frozenset[str]:
    if fact.quiet is not None:
        return fact.quiet
    if fact.has_unknown:
        return UNKNOWN
    return fact.values[0] if isinstance(fact, ScalarFact) else frozenset()
