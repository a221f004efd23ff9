"""The layout of a batch: which columns a CSV file has, and how a row of it becomes a referral in native JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fingerpost_intake.domain.faults import MOST_SUGGESTED, Fault, Faulty, near_name

REQUIRED = ("agency_reference", "kinds")
COLUMNS = (
    *REQUIRED,
    *("occurred_at", "address", "postcode", "victim_name", "victim_date_of_birth", "victim_age_years", "victim_phone"),
    *("subject_name", "subject_date_of_birth", "subject_relationship", "narrative", "anonymous", "aware", "consent"),
    *("lawful_basis", "dash_total", "dash_judgement", "police_risk_grade", "updated_at", "status", "themes"),
)
FACT_PREFIX = "fact:"
_WORDS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def header_faults(columns: Sequence[str]) -> list[Fault]:
    """What is wrong with a header row: a column that is missing, not known, or there twice.

    A column is named by its number alone: in a file without a header, the first row holds somebody's details.
    """
    faults = [
        Fault(f"header/{name}", "missing_column", f"a column '{name}'", f"Add the column '{name}'; the first row names the columns.")
        for name in REQUIRED
        if name not in columns
    ]
    for place, name in enumerate(columns, start=1):
        if columns.index(name) != place - 1:
            faults.append(Fault(f"header/{place}", "duplicate_column", "each column once", "Remove one of the two."))
        elif name not in COLUMNS and not name.startswith(FACT_PREFIX):
            near = near_name(name, COLUMNS) if len(faults) < MOST_SUGGESTED else None
            help_text = f"Did you mean '{near}'?" if near else f"Known columns: {', '.join(COLUMNS)}, {FACT_PREFIX}<name>."
            faults.append(Fault(f"header/{place}", "unknown_column", "a known column", help_text))
    return faults


@dataclass(frozen=True)
class Layout:
    """What reading a row takes besides the row: the zone of times without offset, and which facts hold several values."""

    timezone: ZoneInfo
    set_facts: frozenset[str]


class _Cells:
    """The cells of a row that hold something, and the faults of those that could not be read."""

    def __init__(self, cells: Mapping[str, str], timezone: ZoneInfo) -> None:
        self.given = {name: value.strip() for name, value in cells.items() if value.strip()}
        self.faults: list[Fault] = []
        self._timezone = timezone

    def read(self, name: str, how: Callable[[str], Any] = str) -> Any:
        """The cell's value, None where it is empty or unreadable."""
        try:
            return how(self.given[name]) if name in self.given else None
        except ValueError as error:
            self.faults.append(Fault(name, "unreadable_cell", str(error), f"Send {error}."))
            return None

    def moment(self, name: str) -> Any:
        """The cell's value as a time; without an offset it is local time."""
        return self.read(name, lambda text: _moment(text, self._timezone))


def referral_of(cells: Mapping[str, str], layout: Layout) -> dict[str, Any]:
    """A row as native JSON; empty cells are left out. Raises `Faulty` with every cell that cannot be read."""
    row = _Cells(cells, layout.timezone)
    referral = _without_nothing(
        {
            "agency_reference": row.read("agency_reference"),
            "kinds": row.read("kinds", _list),
            "themes": row.read("themes", _list),
            "status": row.read("status"),
            "updated_at": row.moment("updated_at"),
            "incidents": [_incident(row)],
            "people": _people(row),
            "facts": _facts(row.given, layout.set_facts),
            "assessments": {
                "dash": {"total": row.read("dash_total", _number), "judgement": row.read("dash_judgement", _boolean)},
                "police_risk_grade": row.read("police_risk_grade"),
            },
            "narrative": row.read("narrative"),
            "anonymous": row.read("anonymous", _boolean),
            "aware": row.read("aware", _consent),
            "consent": row.read("consent", _consent),
            "lawful_basis": row.read("lawful_basis"),
        }
    )
    if row.faults:
        raise Faulty(row.faults)
    referral["people"] = [person for person in referral.get("people", []) if len(person) > 1]
    return referral


def _incident(row: _Cells) -> dict[str, Any]:
    return {"occurred_at": row.moment("occurred_at"), "place": {"address": row.read("address"), "postcode": row.read("postcode")}}


def _people(row: _Cells) -> list[dict[str, Any]]:
    victim = {
        "role": "victim",
        "name": row.read("victim_name"),
        "date_of_birth": row.read("victim_date_of_birth", _date),
        "age_years": row.read("victim_age_years", _number),
        "phone": row.read("victim_phone"),
    }
    subject = {
        "role": "subject",
        "name": row.read("subject_name"),
        "date_of_birth": row.read("subject_date_of_birth", _date),
        "relationship": row.read("subject_relationship"),
    }
    return [victim, subject]


def _without_nothing(value: Any) -> Any:
    """The value without members that hold nothing."""
    if isinstance(value, dict):
        kept = {name: _without_nothing(member) for name, member in value.items()}  # pyright: ignore[reportUnknownVariableType]
        return {name: member for name, member in kept.items() if member not in (None, {}, [])}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [member for item in value if (member := _without_nothing(item)) not in (None, {}, [])]  # pyright: ignore[reportUnknownVariableType]
    return value


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _facts(given: Mapping[str, str], set_facts: frozenset[str]) -> dict[str, Any]:
    named = {name.removeprefix(FACT_PREFIX): text for name, text in given.items() if name.startswith(FACT_PREFIX)}
    return {name: _list(text) if name in set_facts and text != "unknown" else _fact(text) for name, text in named.items()}


def _fact(text: str) -> str | int:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError("a whole number")
    return int(text)


def _boolean(text: str) -> bool:
    try:
        return _WORDS[text.casefold()]
    except KeyError:
        raise ValueError("yes or no") from None


def _consent(text: str) -> str:
    if text.casefold() == "unknown":
        return "unknown"
    return "yes" if _boolean(text) else "no"


def _date(text: str) -> str:
    return _day(text).isoformat()


def _day(text: str) -> date:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise ValueError("a date that exists, as DD/MM/YYYY or YYYY-MM-DD")


def _moment(text: str, timezone: ZoneInfo) -> str:
    """A time; without an offset it is local time, and a day alone stays a day."""
    try:
        return _day(text).isoformat()
    except ValueError:
        pass
    for pattern in ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=timezone).isoformat()
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time that exists, as DD/MM/YYYY HH:MM or ISO 8601") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).isoformat()
