"""The streams and the durable consumers: who stores what, and who may pull it. `fingerpost streams apply` makes them so."""

from collections.abc import Iterable
from dataclasses import dataclass

from fingerpost_shared.contracts.events import (
    LANES,
    ActionSubmitted,
    Event,
    Lane,
    LegRouted,
    ReferralReceived,
    ReferralUpdated,
    RulesetSubmitted,
)

SUBMISSION_STEM = "submission.received.v1"
MEGABYTE = 1024 * 1024
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Stream:
    """A JetStream stream. `is_only_copy`: nothing else holds its messages yet, so it refuses when full and syncs each write."""

    name: str
    subjects: tuple[str, ...]
    is_only_copy: bool
    max_bytes: int
    retention: str = "limits"
    max_age_seconds: int = 0
    duplicate_window_seconds: float = 120.0


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer, and the NATS user that owns it."""

    stream: str
    durable: str
    service: str
    filter_subjects: tuple[str, ...]
    lane: Lane | None = None
    ack_wait_seconds: float = 20.0
    max_ack_pending: int = 4096


def submission_subject(lane: str, agency: str) -> str:
    """Where an agency's raw input, or intake's chunk of a batch, is published."""
    return f"{SUBMISSION_STEM}.{lane}.{agency}"


def _by_lane(*templates: str) -> tuple[str, ...]:
    return tuple(template.replace("{lane}", lane) for template in templates for lane in LANES)


STREAMS: tuple[Stream, ...] = (
    Stream(
        "SUBMISSIONS",
        _by_lane(f"{SUBMISSION_STEM}.{{lane}}.*"),
        is_only_copy=True,
        max_bytes=4096 * MEGABYTE,
        retention="workqueue",
        duplicate_window_seconds=0.1,
    ),
    Stream(
        "REFERRALS",
        _by_lane(*(f"referral.{what}.v1.{{lane}}.*" for what in ("received", "updated", "withdrawn", "erased", "quarantined"))),
        is_only_copy=False,
        max_bytes=2048 * MEGABYTE,
        max_age_seconds=7 * DAY_SECONDS,
    ),
    Stream(
        "LEGS",
        (
            *_by_lane(
                *(
                    f"leg.{what}.v1.*.{{lane}}"
                    for what in ("routed", "acknowledged", "accepted", "declined", "transferred", "escalated", "closed")
                )
            ),
            *_by_lane("deadline.reached.v1.{lane}"),
        ),
        is_only_copy=False,
        max_bytes=2048 * MEGABYTE,
        max_age_seconds=90 * DAY_SECONDS,
    ),
    Stream(
        "ALERTS",
        (*_by_lane("alert.queued.v1.*.{lane}"), "alert.sent.v1", "alert.delivered.v1", "alert.failed.v1"),
        is_only_copy=False,
        max_bytes=1024 * MEGABYTE,
        max_age_seconds=30 * DAY_SECONDS,
    ),
    Stream(
        "FEEDBACK",
        ("referral.progressed.v1.*",),
        is_only_copy=False,
        max_bytes=512 * MEGABYTE,
        max_age_seconds=90 * DAY_SECONDS,
    ),
    Stream(
        "ACTIONS",
        ("action.submitted.v1.router.*", "ruleset.submitted.v1.*"),
        is_only_copy=True,
        max_bytes=512 * MEGABYTE,
        retention="workqueue",
        duplicate_window_seconds=0.1,
    ),
    Stream("DEAD_LETTERS", ("letter.buried.v1.*",), is_only_copy=True, max_bytes=1024 * MEGABYTE),
)


def durable_name(service: str, stem: str, lane: Lane | None = None) -> str:
    """`router-referral-received-urgent`: the service, what it takes, and the lane where the subject has one."""
    words = [service, *stem.split(".")[:2], *([lane] if lane else [])]
    return "-".join(words)


def event_consumer(service: str, stream: str, event: type[Event], lane: Lane | None = None) -> Consumer:
    """The consumer by which a service takes these events, of one lane where they have lanes, and the actions meant for it."""
    keys = {"lane": lane} if lane else {"service": service}
    return Consumer(stream, durable_name(service, event.stem, lane), service, (event.filter(**keys),), lane)


def submission_consumer(lane: Lane) -> Consumer:
    """The consumer by which intake takes raw submissions of a lane."""
    return Consumer("SUBMISSIONS", durable_name("intake", SUBMISSION_STEM, lane), "intake", (f"{SUBMISSION_STEM}.{lane}.*",), lane)


CONSUMERS: tuple[Consumer, ...] = (
    *(submission_consumer(lane) for lane in LANES),
    *(event_consumer("router", "REFERRALS", ReferralReceived, lane) for lane in LANES),
    *(event_consumer("router", "REFERRALS", ReferralUpdated, lane) for lane in LANES),
    event_consumer("router", "ACTIONS", ActionSubmitted),
    event_consumer("router", "ACTIONS", RulesetSubmitted),
    *(event_consumer("notifier", "LEGS", LegRouted, lane) for lane in LANES),
)


def party_consumers(destinations: Iterable[str], agencies: Iterable[str]) -> tuple[Consumer, ...]:
    """The consumers of the outside parties: `dest-<destination>` on LEGS, `agency-<agency>` on FEEDBACK."""
    return (
        *(
            Consumer("LEGS", f"dest-{destination}", destination, tuple(f"leg.*.v1.{destination}.{lane}" for lane in LANES))
            for destination in destinations
        ),
        *(Consumer("FEEDBACK", f"agency-{agency}", agency, (f"referral.progressed.v1.{agency}",)) for agency in agencies),
    )
