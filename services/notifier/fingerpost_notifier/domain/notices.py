"""What an alert may say. A notice has four fields, so that nothing else can leave, whatever a template asks for (I8)."""

import re
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

PLACEHOLDERS = frozenset({"organisation", "reference", "band", "link"})
# Words that would tell a reader over somebody's shoulder what a referral is about
FORBIDDEN = re.compile(
    r"\b(abus\w*|assault\w*|child\w*|crime\w*|dash|domestic|drug\w*|hate|homicide|marac|matac|mash|offen[cd]\w*|perpetrator\w*|police"
    r"|prevent|rape|refuge|safeguard\w*|sexual\w*|stalk\w*|substance\w*|suspect\w*|terror\w*|victim\w*|violen\w*|weapon\w*)\b",
    re.IGNORECASE,
)


class UnusableWording(ValueError):
    """A message template says what no alert may say. The text names the file and what to change."""


@dataclass(frozen=True)
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
        fields = {name: getattr(notice, name) for name in PLACEHOLDERS}
        return self.subject.format(**fields).strip(), self.body.format(**fields)


def read_wording(folder: Path) -> Wording:
    """The wording in `alert_subject.txt` and `alert.txt`. Raises `UnusableWording`."""
    return Wording(_read(folder / "alert_subject.txt"), _read(folder / "alert.txt"))


def _read(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    try:
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise UnusableWording(f"{file}: {error}; write a brace that is no placeholder twice") from None
    if used - PLACEHOLDERS:
        raise UnusableWording(f"{file}: {{{sorted(used - PLACEHOLDERS)[0]}}} is no placeholder; there are {sorted(PLACEHOLDERS)}")
    if found := FORBIDDEN.search(text):
        raise UnusableWording(f"{file}: the word '{found.group()}' tells what a referral is about; leave it out")
    return text
