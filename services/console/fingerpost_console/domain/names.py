"""What ids and codes are called on a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from fingerpost_shared.contracts.directory import Directory
from fingerpost_shared.contracts.events import FactValue

_CAPITALS = {
    word.upper(): word
    for word in ("asb", "csp", "dash", "dasv", "dhr", "icb", "idva", "marac", "mash", "matac", "nhs", "nrm", "pcc", "sarc", "sms", "id")
}
_CAPITAL_OF = {lower: upper for upper, lower in _CAPITALS.items()}
BAND_WORDS = {"P1": "most urgent", "P2": "urgent", "P3": "soon", "P4": "routine"}
ROLE_WORDS = {"lead": "Leads", "also": "Owns a part", "copy": "Copy, for information"}
ALERT_WORDS = {"queued": "Waiting to be sent", "sending": "Being sent", "sent": "Sent", "failed": "Failed"}
PART_WORDS = {"intake": "Intake", "router": "Routing", "notifier": "Alerting", "mail catcher": "The mail catcher"}
CONTENT_WORDS = {"application/json": "JSON", "text/csv": "CSV", "application/vnd.fingerpost.rows+json": "rows of a CSV file"}


@dataclass(frozen=True)
class Names:
    """The directory's names, and the labels of the facts."""

    directory: Directory
    fact_labels: Mapping[str, str]

    def destination(self, id: str) -> str:
        """A group's name."""
        row = self.directory.destinations.get(id)
        return row.name if row else in_words(id)

    def agency(self, id: str) -> str:
        """An agency's name."""
        row = self.directory.agencies.get(id)
        return row.name if row else in_words(id)

    def organisation(self, id: str) -> str:
        """The name of whom a person works for: a group or an agency."""
        return self.destination(id) if id in self.directory.destinations else self.agency(id)

    def person(self, id: str) -> str:
        """A person's name."""
        row = self.directory.people.get(id)
        return row.name if row else in_words(id)

    def fact(self, id: str) -> str:
        """A fact's label."""
        return self.fact_labels.get(id) or in_words(id)


def in_words(code: str) -> str:
    """`domestic_abuse` as `Domestic abuse`, `asb_team` as `ASB team`."""
    text = lower_words(code)
    return text[:1].upper() + text[1:]


def lower_words(code: str) -> str:
    """`has domestic_abuse` as `has domestic abuse`, to go on a sentence."""
    return " ".join(_CAPITAL_OF.get(word, word) for word in code.replace(".", " ").replace("_", " ").split())


def value_in_words(value: FactValue) -> str:
    """A fact's value: a number, a choice, or all members of a set."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        return in_words(value)
    return ", ".join(in_words(member) for member in value) or "None"
