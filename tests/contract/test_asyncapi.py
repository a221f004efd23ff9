"""The AsyncAPI document says what the code does, and can be read by a machine."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from fingerpost_shared.contracts.events import PUBLISHED
from fingerpost_shared.runtime.service import Service
from tests.contract import system_document


@pytest.fixture(scope="module")
def document(services: dict[str, Service]) -> dict[str, Any]:
    return system_document.document_of(services)


def references(part: Any) -> Iterator[str]:
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        yield part["$ref"]
    for child in children:
        yield from references(child)


def receivers(document: dict[str, Any], channel: str) -> set[str]:
    wanted = {"$ref": f"#/channels/{channel}"}
    return {name for name, each in document["operations"].items() if each["action"] == "receive" and each["channel"] == wanted}


def test_the_document_in_docs_is_what_the_code_does(document: dict[str, Any]) -> None:
    as_frozen = system_document.PATH.read_text(encoding="utf-8")
    assert system_document.written(document) == as_frozen, "run `python -m tests.contract.freeze` and review what it changes"


def test_the_file_reads_back_as_the_document(document: dict[str, Any]) -> None:
    assert yaml.safe_load(system_document.written(document)) == document


def test_building_it_twice_gives_the_same_to_the_letter(document: dict[str, Any]) -> None:
    assert system_document.written(system_document.generated()) == system_document.written(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_channels_stand_in_order(document: dict[str, Any]) -> None:
    assert list(document["channels"]) == sorted(document["channels"])


def test_addresses_and_message_names_are_unique(document: dict[str, Any]) -> None:
    addresses = [channel["address"] for channel in document["channels"].values() if channel["address"]]
    names = [message["name"] for message in document["components"]["messages"].values()]
    assert len(set(addresses)) == len(addresses)
    assert len(set(names)) == len(names)


def test_every_key_of_a_subject_is_described(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        keys = {word[1:-1] for word in (channel["address"] or "").split(".") if word.startswith("{")}
        assert channel.get("parameters", {}).keys() == keys
        assert all(parameter["description"] for parameter in channel.get("parameters", {}).values())


@pytest.mark.parametrize("event", PUBLISHED, ids=lambda event: event.stem)
def test_every_published_event_is_in_it(document: dict[str, Any], event: Any) -> None:
    channels = [name for name in document["channels"] if name.startswith(event.stem)]
    assert channels
    assert all(f"{event.__name__}Message" in document["channels"][name]["messages"] for name in channels)


def test_intakes_front_door_on_nats_is_in_it(document: dict[str, Any]) -> None:
    assert receivers(document, "submission.received.v1.lane.agency") == {
        "intake-submission-received-urgent",
        "intake-submission-received-routine",
    }


def test_every_question_says_what_its_answer_looks_like(document: dict[str, Any]) -> None:
    questions = [each for name, each in document["operations"].items() if "-answers-" in name]
    assert questions
    assert all("reply" in each for each in questions)


@pytest.mark.parametrize("name", ["intake", "router", "notifier", "console"])
async def test_each_service_serves_its_own_document_and_nothing_to_try_out(services: dict[str, Service], name: str) -> None:
    transport = httpx.ASGITransport(services[name].http)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.example") as client:
        served = await client.get("/asyncapi.json")
        tried = await client.post("/asyncapi.json/try")

    assert served.status_code == 200
    assert served.json()["info"]["title"] == f"Fingerpost {name}"
    assert any(operation.startswith(f"{name}-") for operation in served.json()["operations"])
    assert tried.status_code in (404, 405)


def test_a_document_shows_nothing_of_where_or_as_whom_the_service_connects(
    services: dict[str, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in services.values():
        monkeypatch.setattr(service.broker.specification, "url", ["nats://somebody:canary@nats.internal.example:4222"])
    written = system_document.written(system_document.document_of(services))

    assert "canary" not in written
    assert "nats.internal.example" not in written
