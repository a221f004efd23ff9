"""Where a rule set is in its life, and what a coordinator can do with it next. The router decides again by itself on every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fingerpost_console.domain.local_time import LocalTime
from fingerpost_rules.live import in_force, withdrawn
from fingerpost_shared.contracts.actions import RuleSetState
from fingerpost_shared.contracts.queries.rule_sets import LiveRuleSet, RuleSetView

Next = Literal["mend", "preview", "approve", "ask_another", "publish"]
DIGITS_SHOWN, MOST_NAMED = 12, 5
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
    in_force_now, announced, retired = ([told for told in mine if told.words == words] for words in ("In force", "Announced", "Retired"))
    # of several announcements the next one, of what is past the last
    announced.sort(key=lambda told: told.publication.live_from)
    found = [*in_force_now, *announced, *retired]
    if not found:
        return Standing(*_STATE_WORDS[rule_set.state])
    return Standing(found[0].words, found[0].tone, found[0].publication.live_from)


def timetable(publications: Sequence[LiveRuleSet], now: datetime) -> list[Published]:
    """Every publication, the newest first."""
    live = in_force(publications, now) if publications else None
    never = withdrawn(publications)
    return [
        Published(publication, "Withdrawn", "grey") if publication in never else _told(publication, live, now)
        for publication in reversed(publications)
    ]


def published_in_words(state: RuleSetState, live_from: datetime, local: LocalTime) -> str:
    """From when a set decides, what is withdrawn for it, and what else is announced of it and stands."""
    sentences = [f"It decides what is received from {local.moment(live_from)} on."]
    if state.withdrawn:
        gone = [f"{one.hash[:DIGITS_SHOWN]} of {local.moment(one.live_from)}" for one in state.withdrawn]
        sentences.append(f"Withdrawn: {_shortened(gone)}.")
    if state.also_from:
        sentences.append(f"It is also announced from {_shortened([local.moment(at) for at in state.also_from])}; that stands.")
    return " ".join(sentences)


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


def _shortened(words: Sequence[str]) -> str:
    more = len(words) - MOST_NAMED
    return ", ".join([*words[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])])


def _told(publication: LiveRuleSet, live: LiveRuleSet | None, now: datetime) -> Published:
    if publication == live:
        return Published(publication, "In force", "green")
    return Published(publication, "Announced", "blue") if publication.live_from > now else Published(publication, "Retired", "grey")
