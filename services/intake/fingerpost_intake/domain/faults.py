"""What is wrong with a referral, said so that its sender can mend it: where, what was expected, how. Never what was sent."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from fingerpost_rules.nearest import nearest
from fingerpost_shared.contracts.events import Reason

V = TypeVar("V")
R = TypeVar("R")

MOST_FAULTS = 50  # told of one referral, and kept of one in quarantine
MOST_SUGGESTED = 8  # names offered for one referral: to look for a near one takes long, and others wait


@dataclass(frozen=True)
class Fault:
    """One thing wrong: its place as a JSON pointer (RFC 6901) or column, a code, what was expected, and help."""

    pointer: str
    code: str
    expected: str
    help: str

    def reason(self, words: Container[str]) -> Reason:
        """What of it may leave intake: the code, and the place in our own words."""
        return Reason(code=self.code, pointer=self.place(words))

    def place(self, words: Container[str]) -> str:
        """The pointer as far as it is made of these words and of numbers.

        A member that its sender named, or the first row of a file without a header, may hold somebody's name (I8).
        """
        known = takewhile(lambda part: part in words or part == "" or _is_place(part), self.pointer.split("/"))
        return "/".join(known)[:200]


_LONGEST_NAME = 60  # of a sender's, in a pointer or remembered

# Well formed, but a person has to ask what it means: such a referral is accepted and quarantined, not refused
NOT_UNDERSTOOD = frozenset({"contradiction", "in_the_future", "unknown_kind"})


class Faulty(ValueError):
    """A referral that cannot be taken as it is. `faults` names the first 50 places that are wrong; `has_more` says that there are others.

    `is_well_formed`: the sender could do no better than send it, for every fault is one of meaning.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        self.has_more = len(faults) > MOST_FAULTS
        self.is_well_formed = all(fault.code in NOT_UNDERSTOOD for fault in faults)
        super().__init__("; ".join(f"{fault.pointer}: {fault.code}" for fault in self.faults))


def attempt(step: Callable[[V], R], value: V | Faulty) -> R | Faulty:
    """The step's result, or what is wrong; what was wrong before it stays so."""
    if isinstance(value, Faulty):
        return value
    try:
        return step(value)
    except Faulty as error:
        return error


_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no member of this name",
    "date_from_datetime_parsing": "a date as YYYY-MM-DD",
    "date_parsing": "a date as YYYY-MM-DD",
    "date_type": "a date as YYYY-MM-DD",
    "datetime_parsing": "a time as YYYY-MM-DDThh:mm:ss with Z or an offset",
    "datetime_from_date_parsing": "a time as YYYY-MM-DDThh:mm:ss with Z or an offset",
    "timezone_aware": "a time with Z or an offset such as +01:00",
    "out_of_range": "a time between the years 1800 and 2200",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list in [ ]",
    "model_type": "an object in { }",
    "dict_type": "an object in { }",
}


def faults_of(error: ValidationError, model: type[BaseModel]) -> tuple[Fault, ...]:
    """The faults of a validation, one for each place: no more than `Faulty` needs to know that it does not name them all."""
    by_pointer: dict[str, Fault] = {}
    suggested = 0
    for detail in error.errors(include_url=False, include_input=False):
        location = _without_union_branches(detail["loc"], detail["type"], model)
        pointer = pointer_of(location)
        if pointer in by_pointer:
            continue
        if detail["type"] == "extra_forbidden":
            by_pointer[pointer] = _unknown_member(pointer, location, model, suggests=suggested < MOST_SUGGESTED)
            suggested += 1
        else:
            by_pointer[pointer] = _fault(pointer, detail["type"], cast("dict[str, Any]", detail))
        if len(by_pointer) > MOST_FAULTS:
            break
    return tuple(by_pointer.values())


def near_name(name: str, known: tuple[str, ...]) -> str | None:
    """The known name most like this one, if any is. It is remembered, for what is wrong in one row of a file is wrong in them all."""
    return _near_name(name[:_LONGEST_NAME], known)


@lru_cache(maxsize=1024)
def _near_name(name: str, known: tuple[str, ...]) -> str | None:
    return nearest(name, known)


def pointer_of(location: Iterable[str | int]) -> str:
    """A JSON pointer to a place."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')[:_LONGEST_NAME]}" for part in location)


def words_of(model: type[BaseModel]) -> frozenset[str]:
    """Every member's name, of the model and of the models in it."""
    inner = (found for field in model.model_fields.values() if (found := _model_in(field.annotation)))
    return frozenset(_members_at(model, ())).union(*map(words_of, inner))


def _unknown_member(pointer: str, location: tuple[str | int, ...], model: type[BaseModel], suggests: bool) -> Fault:
    known = tuple(sorted(_members_at(model, location[:-1])))
    near = near_name(str(location[-1]), known) if suggests else None
    help_text = f"Did you mean '{near}'?" if near else f"Known here: {', '.join(known)}."
    return Fault(pointer, "unknown_member", "no member of this name", help_text)


def _fault(pointer: str, code: str, detail: Mapping[str, Any]) -> Fault:
    context = detail.get("ctx", {})
    expected = _EXPECTED.get(code) or context.get("expected") or _limits(context) or detail["msg"]
    return Fault(pointer, code, str(expected), f"Send {expected}." if code != "missing" else "Add it: it is required.")


def _limits(context: Mapping[str, Any]) -> str | None:
    words = {"max_length": "at most {} long", "min_length": "at least {} long", "le": "at most {}", "ge": "at least {}", "pattern": "{}"}
    for name, text in words.items():
        if name in context:
            return text.format(context[name])
    return None


def _without_union_branches(location: tuple[int | str, ...], code: str, model: type[BaseModel]) -> tuple[int | str, ...]:
    """Pydantic adds the name of the union's branch that failed (`datetime`, `int`); a sender knows no such member."""
    kept: list[int | str] = []
    # what is not known is the sender's word, though it be called `date`
    branches_end = len(location) - (code == "extra_forbidden")
    for place, part in enumerate(location):
        if kept and place < branches_end and isinstance(part, str) and _is_branch(part) and not _is_member(model, tuple(kept), part):
            continue
        kept.append(part)
    return tuple(kept)


def _is_branch(part: str) -> bool:
    return part in {"int", "bool", "str", "float", "date", "datetime", "list[str]"} or "[" in part


def _is_member(model: type[BaseModel], location: tuple[int | str, ...], part: str) -> bool:
    return part in _members_at(model, location)


def _members_at(model: type[BaseModel], location: Iterable[int | str]) -> set[str]:
    current: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str) and current is not None:
            names = {field.alias or name: field for name, field in current.model_fields.items()}
            current = _model_in(names[part].annotation) if part in names else None
    return {field.alias or name for name, field in current.model_fields.items()} if current else set()


def _is_place(part: str) -> bool:
    """Whether it is the number of an item or a column: no telephone number is as short."""
    return len(part) <= 3 and part.isascii() and part.isdigit()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
