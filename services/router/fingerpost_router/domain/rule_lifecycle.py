"""How a rule set comes into force: draft, checked, previewed, approved by a second person, live from a time. Each step is a person's."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from fingerpost_router.domain.acting import Refused
from fingerpost_rules.live import withdrawn
from fingerpost_shared.contracts.events import BAND_PATTERN

State = Literal["draft", "checked", "previewed", "approved"]

# Every replica learns of a publication within seconds; one that has not heard for this long decides nothing
NOTICE = timedelta(seconds=30)
# an announcement further ahead is mostly a mistyped year
LONGEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class RuleSetRecord:
    """One rule set as it stands: its hash names it, its author may not approve it."""

    hash: str
    ruleset: int
    title: str
    effective_from: datetime
    state: State
    author: str
    findings: int
    preview: Mapping[str, Any] | None
    approved_by: str | None


@dataclass(frozen=True)
class Publication:
    """A rule set decides what is received from `live_from` on, until the next publication's. Rolling back is publishing an earlier one.

    One for an earlier time than those already announced takes their place.
    """

    seq: int
    hash: str
    live_from: datetime
    by: str


def refuse_bands(bands: Iterable[str]) -> Refused | None:
    """Why a set with these bands, the most urgent first, cannot be live: a leg's band is P1 to P9, and its number is its urgency."""
    named = list(bands)
    if all(re.search(BAND_PATTERN, band) for band in named) and named == sorted(named):
        return None
    return Refused("unfit_bands", "Bands are called P1 to P9, the most urgent first, for queues and alerts go by the number: rename them.")


def previewed(record: RuleSetRecord, summary: Mapping[str, Any]) -> RuleSetRecord | Refused:
    """The record once somebody has looked at what it would have changed; an approval of an earlier look stands."""
    if record.state == "draft":
        return _not_checked(record)
    state: State = "approved" if record.state == "approved" else "previewed"
    return replace(record, state=state, preview=summary)


def approved(record: RuleSetRecord, by: str) -> RuleSetRecord | Refused:
    """The record once a second person has approved it."""
    if record.state == "draft":
        return _not_checked(record)
    if record.state == "checked":
        return Refused("not_previewed", "Preview it first: nobody should approve what they have not seen the effect of.")
    if by == record.author:
        return Refused("second_person", "Its author cannot approve it: ask another coordinator.")
    return record if record.state == "approved" else replace(record, state="approved", approved_by=by)


def published(record: RuleSetRecord, by: str, live_from: datetime, now: datetime, made: Sequence[Publication]) -> Publication | Refused:
    """The publication that follows those made, or why there is none; the last of them where it says the same already."""
    if record.state != "approved":
        return Refused("not_approved", "A second coordinator has to approve it first.")
    last = made[-1]
    if _same(last, record.hash, live_from) and live_from > now:
        return last
    if live_from < now + NOTICE:
        return Refused("too_soon", f"It can come into force {NOTICE.seconds} seconds from now at the earliest: choose a later time.")
    if live_from > now + LONGEST_AHEAD:
        return Refused("too_far", f"It can be announced for the next {LONGEST_AHEAD.days} days: look at the year again.")
    if live_from < record.effective_from:
        return Refused("before_effective", f"The file says it is effective from {record.effective_from.date().isoformat()}.")
    return Publication(last.seq + 1, record.hash, live_from, by)


def withdrawn_by(publication: Publication, made: Sequence[Publication]) -> list[Publication]:
    """The announcements whose place a new publication takes; what it says again itself is not lost."""
    before = withdrawn(made)
    gone = [one for one in withdrawn([*made, publication]) if one not in before]
    return [one for one in gone if not _same(one, publication.hash, publication.live_from)]


def announced_beside(publication: Publication, made: Sequence[Publication], now: datetime) -> list[Publication]:
    """The other announcements of the same set that stand, the next first."""
    never = withdrawn([*made, publication])
    standing = [one for one in made if one not in never and one.live_from > now]
    mine = [one for one in standing if one.hash == publication.hash and one != publication]
    return sorted(mine, key=lambda one: one.live_from)


def _same(one: Publication, hash: str, live_from: datetime) -> bool:
    return (one.hash, one.live_from) == (hash, live_from)


def _not_checked(record: RuleSetRecord) -> Refused:
    counted = "1 finding: mend it" if record.findings == 1 else f"{record.findings} findings: mend them"
    return Refused("not_checked", f"It has {counted} and draft it again.")


def may_act(by: str, roles: Set[str]) -> Refused | None:
    """Only coordinators change the rules."""
    return None if "coordinator" in roles else Refused("no_coordinator", f"{by!r} is no coordinator of the directory; name one by id.")
