"""What was promised to those who read our events still holds: schemas, examples and names are frozen."""

import json
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.envelope import Envelope, decode, event_type
from fingerpost_shared.contracts.events import PUBLISHED, Event
from fingerpost_shared.contracts.ids import read_reference
from tests.contract import freezing

STEMS = freezing.stems()
NOW = datetime(2026, 9, 4, 14, 0, tzinfo=UTC)


def by_name(event: type[Event]) -> str:
    return event.__name__


def decoded(stem: str, message: dict) -> Event:
    return decode(freezing.event_of(stem), f"{stem}.x.y", json.dumps(message).encode(), lambda: NOW).event


@pytest.mark.parametrize("stem", [*STEMS, freezing.ENVELOPE_STEM, freezing.ANSWER_STEM])
def test_what_the_code_publishes_is_what_was_promised(stem: str) -> None:
    assert freezing.frozen().get(stem) == freezing.generated()[stem], freezing.HOW_TO_MEND.format(stem=stem)


def test_nothing_that_was_promised_is_gone() -> None:
    withdrawn = freezing.frozen().keys() - freezing.generated().keys()
    assert not withdrawn, f"{withdrawn} is frozen, but the code publishes it no more: who reads v1 still expects it"


def test_freezing_has_a_file_name_and_an_address_of_its_own_for_each_schema() -> None:
    assert {stem: schema["$id"] for stem, schema in freezing.frozen().items()} == {
        stem: f"urn:fingerpost:schema:{stem}" for stem in freezing.frozen()
    }


@pytest.mark.parametrize("event", PUBLISHED, ids=by_name)
def test_class_subject_type_and_schema_share_one_stem(event: type[Event]) -> None:
    words = [word.lower() for word in re.findall(r"[A-Z][a-z]+", event.__name__)]

    assert event.stem == f"{'.'.join(words)}.v1"
    assert event.subject_template == event.stem or event.subject_template.startswith(f"{event.stem}.{{")
    assert event_type(event) == f"org.fingerpost.{event.stem}"
    assert (freezing.SCHEMAS / f"{event.stem}.json").exists()


@pytest.mark.parametrize("stem", STEMS)
def test_a_message_of_old_is_read_and_written_to_the_same(stem: str) -> None:
    message = freezing.example(stem)
    source = message["source"].removeprefix("/fingerpost/")

    again = Envelope(decoded(stem, message), UUID(message["id"]), datetime.fromisoformat(message["time"])).encode(source)

    assert json.loads(again) == message


def test_an_answer_of_old_is_read_and_written_to_the_same() -> None:
    message = freezing.example(freezing.ANSWER_STEM)

    assert json.loads(ActionAnswered.model_validate(message).model_dump_json()) == message


@pytest.mark.parametrize("stem", STEMS)
def test_an_example_holds_every_field_so_that_none_can_go_unseen(stem: str) -> None:
    promised = freezing.frozen()[stem]["properties"]

    assert freezing.example(stem)["data"].keys() == promised.keys()


@pytest.mark.parametrize("stem", STEMS)
def test_an_examples_reference_can_be_read_aloud(stem: str) -> None:
    reference = freezing.example(stem)["data"].get("reference")

    assert reference is None or read_reference(reference) == reference


def test_every_file_of_examples_belongs_to_a_message() -> None:
    assert {path.stem for path in freezing.EXAMPLES.glob("*.json")} == {*STEMS, freezing.ANSWER_STEM}
