"""What the demo sends: every kind, repeats, one exact resend, one update, through three doors."""

from collections.abc import Callable
from copy import deepcopy
from itertools import count, cycle
from typing import Any, Literal

from fingerpost_intake.samples.referrals import KINDS, sample, sample_agency

Channel = Literal["http", "csv", "nats"]
Submission = tuple[str, Channel, dict[str, Any]]
# A second helping of the kinds that a partnership sees most.
MORE = (
    *("domestic_abuse", "domestic_abuse", "asb", "asb", "asb", "acquisitive", "acquisitive", "fraud", "hate_crime"),
    *("substance_misuse", "substance_misuse", "reoffending", "case_review", "vulnerability", "other"),
)
# What comes back as a further incident between the same two people.
REPEATED = ("domestic_abuse", "asb", "hate_crime")


def demo_referrals(seed: int) -> list[Submission]:
    """At least 36 submissions in the order in which to send them: agency, channel, referral in native JSON.

    Besides one or two of every kind: a further incident of the same victim and subject thrice (domestic abuse, ASB, hate crime),
    an exact resend, and an update that shows a higher risk.
    """
    doors: cycle[Channel] = cycle(("http", "http", "csv", "nats"))
    told = [_told(kind, seed + number, next(doors)) for number, kind in enumerate((*KINDS, *MORE))]
    earlier = [_first_told(kind, seed + 1000, _is_of_a_known_pair) for kind in REPEATED]
    further: list[Submission] = [(agency, door, _further_incident(referral)) for agency, door, referral in earlier]
    resent = deepcopy(earlier[1])
    at_first = _first_told("domestic_abuse", seed + 2000, _has_a_low_score)
    agency, door, referral = at_first
    return [*told, *earlier, *further, resent, at_first, (agency, door, _with_higher_risk(referral))]


def _told(kind: str, seed: int, door: Channel) -> Submission:
    return sample_agency(kind, seed), door, sample(kind, seed)


def _first_told(kind: str, seed: int, is_fit: Callable[[dict[str, Any]], bool]) -> Submission:
    """The first sample from this seed on that is fit for its part."""
    return next(_told(kind, later, "http") for later in count(seed) if is_fit(sample(kind, later)))


def _is_of_a_known_pair(referral: dict[str, Any]) -> bool:
    """Whether victim and subject can both be recognised again: by name and birth date."""
    return {"victim", "subject"} <= {person["role"] for person in referral.get("people", ()) if "date_of_birth" in person}


def _has_a_low_score(referral: dict[str, Any]) -> bool:
    """Whether nothing yet makes it more than standard risk, so that the update is seen to raise it."""
    score = referral.get("assessments", {}).get("dash", {}).get("total")
    return score is not None and score < 10 and referral["kinds"] == ["domestic_abuse"]


def _further_incident(earlier: dict[str, Any]) -> dict[str, Any]:
    """The same people and place in a new referral: a repeat, which is a signal and no duplicate."""
    further = deepcopy(earlier)
    further["agency_reference"] += "-B"
    further["incidents"][0]["occurred_at"] = "2026-09-02T21:40:00+00:00"
    further["narrative"] += " It happened again."
    return further


def _with_higher_risk(earlier: dict[str, Any]) -> dict[str, Any]:
    """The same referral after somebody saw the victim: an update of it, under the reference it has."""
    update = deepcopy(earlier)
    update["updated_at"] = "2026-09-02T08:15:00+00:00"
    update["assessments"] = {"dash": {"total": 17, "judgement": True}}
    update["narrative"] += " After a visit the risk is judged to be high."
    return update
