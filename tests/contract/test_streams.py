"""Every durable message has exactly one stream, one owner who publishes it, and a consumer that takes what it says."""

from itertools import combinations

import pytest

from fingerpost_shared.contracts.events import LANES, PUBLISHED, ActionSubmitted, Event, RulesetSubmitted
from fingerpost_shared.contracts.streams import CONSUMERS, STREAMS, Consumer, Stream, submission_subject
from fingerpost_shared.contracts.subjects import SERVICES
from tests.contract.subjects import may_meet, subjects_of, takes

DURABLE = [
    *(subject for event in PUBLISHED if event is not ActionSubmitted for subject in subjects_of(event)),
    ActionSubmitted.filter(service="router"),
    *(submission_subject(lane, "police") for lane in LANES),
    *(f"letter.buried.v1.{service}" for service in ("router", "notifier")),
]


def streams_of(subject: str) -> list[str]:
    return [stream.name for stream in STREAMS if any(takes(pattern, subject) for pattern in stream.subjects)]


@pytest.mark.parametrize("subject", DURABLE)
def test_a_durable_message_is_stored_in_exactly_one_stream(subject: str) -> None:
    assert len(streams_of(subject)) == 1


def test_no_two_streams_want_the_same_subject() -> None:
    overlapping = [
        (one.name, mine, other.name, theirs)
        for one, other in combinations(STREAMS, 2)
        for mine in one.subjects
        for theirs in other.subjects
        if may_meet(mine, theirs)
    ]
    assert not overlapping


@pytest.mark.parametrize("event", [event for event in PUBLISHED if "{lane}" in event.subject_template], ids=lambda event: event.stem)
def test_a_lane_that_does_not_exist_has_no_stream_and_so_no_receipt(event: type[Event]) -> None:
    assert streams_of(event.filter(lane="express")) == []


def test_a_submission_in_a_lane_that_does_not_exist_has_no_stream() -> None:
    assert streams_of(submission_subject("express", "police")) == []


def test_an_action_for_a_service_that_takes_none_has_no_stream_and_so_no_receipt() -> None:
    assert [streams_of(f"action.submitted.v1.{service}.marac") for service in ("intake", "notifier", "console")] == [[], [], []]


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream.retention == "workqueue"], ids=lambda stream: stream.name)
def test_what_a_work_queue_stores_is_taken_by_a_consumer(stream: Stream) -> None:
    taken = [pattern for consumer in CONSUMERS if consumer.stream == stream.name for pattern in consumer.filter_subjects]
    assert [subject for subject in stream.subjects if not any(takes(pattern, subject) for pattern in taken)] == []


def test_the_answer_to_an_action_is_stored_nowhere() -> None:
    assert streams_of("action.answered.v1.matac.0b0e7c1e") == []


@pytest.mark.parametrize("event", [event for event in PUBLISHED if event is not RulesetSubmitted], ids=lambda event: event.stem)
def test_an_event_is_published_by_one_service_alone(event: type[Event]) -> None:
    may = [name for name, granted in SERVICES.items() if any(may_meet(pattern, event.filter()) for pattern in granted.publish)]
    assert len(may) == 1


def test_a_step_of_the_rules_comes_from_the_operator_or_from_the_console_in_its_own_name() -> None:
    may = [(name, p) for name, granted in SERVICES.items() for p in granted.publish if may_meet(p, RulesetSubmitted.filter())]
    assert may == [("console", "ruleset.submitted.v1.console")]


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.durable)
def test_a_consumer_takes_from_the_stream_that_stores_its_subjects(consumer: Consumer) -> None:
    subjects = next(stream.subjects for stream in STREAMS if stream.name == consumer.stream)
    assert all(any(may_meet(pattern, wanted) for pattern in subjects) for wanted in consumer.filter_subjects)


def test_consumers_have_names_of_their_own() -> None:
    names = [(consumer.stream, consumer.durable) for consumer in CONSUMERS]
    assert len(set(names)) == len(names)


def test_two_consumers_of_a_work_queue_never_take_the_same_message() -> None:
    queues = {stream.name for stream in STREAMS if stream.retention == "workqueue"}
    clashing = [
        (one.durable, other.durable)
        for one, other in combinations(CONSUMERS, 2)
        if one.stream == other.stream and one.stream in queues
        for mine in one.filter_subjects
        for theirs in other.filter_subjects
        if may_meet(mine, theirs)
    ]
    assert not clashing
