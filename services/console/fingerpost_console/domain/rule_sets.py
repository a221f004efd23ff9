"""Where a rule set is in its life, and what a coordinator can do with it next. The router decides again by itself on every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fingerpost_rules.live import in_force, withdrawn
from fingerpost_shared.contracts.queries.rule_sets import LiveRuleSet, RuleSetView

Next = Literal["mend", "preview", "approve", "ask_another", "publish"]
FIRST = 1  # the publication that the first start made, of the set in the partnership's folder
_STATE_WORDS = {
    "draft": ("Draft", "yellow"),
    "checked": ("Checked", "light-blue"),
    "previewed": ("Previewed", "light-blue"),
    "approved": ("Approved", "turquoise"),
}


@dataclass(frozen=True)
class Standing:
    """A rule set's place in its life: the word for it, the colour of its tag, and since or from when."""

    words: str
    tone: str
    since: datetime | None = None


@dataclass(frozen=True)
class Published:
    """A publication, and whether it has had its time."""

    publication: LiveRuleSet
    words: str
    tone: str


def standing(rule_set: RuleSetView, publications: Sequence[LiveRuleSet], now: datetime) -> Standing:
    """Draft, checked, previewed, approved; then announced, in force or retired. One that was withdrawn is approved as before."""
    mine = [told for told in timetable(publications, now) if told.publication.hash == rule_set.hash]
    for words in ("In force", "Announced", "Retired"):
        for told in mine:
            if told.words == words:
                return Standing(words, told.tone, told.publication.live_from)
    return Standing(*_STATE_WORDS[rule_set.state])


def timetable(publications: Sequence[LiveRuleSet], now: datetime) -> list[Published]:
    """Every publication, the newest first."""
    live = in_force(publications, now) if publications else None
    never = withdrawn(publications)
    return [
        Published(publication, "Withdrawn", "grey") if publication in never else _told(publication, live, now)
        for publication in reversed(publications)
    ]


def next_step(rule_set: RuleSetView, person: str) -> Next:
    """What has to be done next, and whether this person can do it: nobody approves their own draft."""
    match rule_set.state:
        case "draft":
            return "mend"
        case "checked":
            return "preview"
        case "previewed":
            return "ask_another" if rule_set.author == person else "approve"
        case "approved":
            return "publish"


def _told(publication: LiveRuleSet, live: LiveRuleSet | None, now: datetime) -> Published:
    if publication == live:
        return Published(publication, "In force", "green")
    return Published(publication, "Announced", "blue") if publication.live_from > now else Published(publication, "Retired", "grey")
