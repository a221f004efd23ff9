"""What an alert may say. A notice has four fields, so that nothing else can leave, whatever a template asks for (I8)."""

import re
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from fingerpost_shared.contracts.values import value

PLACEHOLDERS = frozenset({"organisation", "reference", "band", "link"})
# Words that would tell a reader over somebody's shoulder what a referral is about
FORBIDDEN = re.compile(
    r"\b(abus\w*|assault\w*|child\w*|crime\w*|dash|domestic|drug\w*|hate|homicide|marac|matac|mash|offen[cd]\w*|perpetrator\w*|police"
    r"|prevent|rape|refuge|safeguard\w*|sexual\w*|stalk\w*|substance\w*|suspect\w*|terror\w*|victim\w*|violen\w*|weapon\w*)\b",
    re.IGNORECASE,
)


class UnusableWording(ValueError):
    """A message template says what no alert may say. The text names the file and what to change."""


@value
class Notice:
    """All that leaves in an alert: who it is from, the reference, the band and where to look."""

    organisation: str
    reference: str
    band: str
    link: str


@dataclass(frozen=True)
class Wording:
    """The subject and body of an alert, as a coordinator wrote them."""

    subject: str
    body: str

    def of(self, notice: Notice) -> tuple[str, str]:
        """Subject and body with the notice's four fields filled in."""
        fields = vars(notice)
        return self.subject.format_map(fields), self.body.format_map(fields)


def read_wording(folder: Path) -> Wording:
    """The wording in `alert_subject.txt` and `alert.txt`. Raises `UnusableWording`."""
    subject = _read(folder / "alert_subject.txt").strip()
    if "\n" in subject or "\r" in subject:
        raise UnusableWording(f"{folder / 'alert_subject.txt'}: a subject is one line; move the rest to alert.txt")
    return Wording(subject, _read(folder / "alert.txt"))


def _read(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        raise UnusableWording(f"{file}: {error}; write a brace that is no placeholder twice") from None
    for _, name, layout, conversion in parts:
        if name not in PLACEHOLDERS:
            raise UnusableWording(f"{file}: {{{name}}} is no placeholder; there are {sorted(PLACEHOLDERS)}")
        if layout or conversion:
            raise UnusableWording(f"{file}: write {{{name}}} alone in its braces")
    if found := FORBIDDEN.search(text):
        raise UnusableWording(f"{file}: the word '{found.group()}' tells what a referral is about; leave it out")
    return text
