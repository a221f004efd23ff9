"""What the code publishes, as JSON Schemas: compared with the frozen files that other organisations build on."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.envelope import CloudEvent
from fingerpost_shared.contracts.events import PUBLISHED, Event

CONTRACTS = Path(str(files("fingerpost_shared") / "contracts"))
SCHEMAS = CONTRACTS / "schemas"
EXAMPLES = CONTRACTS / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_STEM = "cloudevent.v1"
ANSWER_STEM = "action.answered.v1"

HOW_TO_MEND = (
    "{stem} is no longer what is frozen in contracts/schemas. If the change only adds (a choice, an optional field), run "
    "`python -m tests.contract.freeze` and review what it changes. Anything else breaks who reads v1: make a v2 beside v1."
)


def generated() -> dict[str, dict[str, Any]]:
    """The schemas by stem, as the code has them now: the data of each event, the envelope around it, the answer to an action."""
    return {
        **{event.stem: _schema(event.stem, event, subject=event.subject_template) for event in PUBLISHED},
        ENVELOPE_STEM: _envelope_schema(),
        ANSWER_STEM: _schema(ANSWER_STEM, ActionAnswered, subject="action.answered.v1.{actor}.{action_id}"),
    }


def frozen() -> dict[str, dict[str, Any]]:
    """The schemas by stem, as they were promised."""
    return {path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8")) for path in sorted(SCHEMAS.glob("*.json"))}


def example(stem: str) -> dict[str, Any]:
    """The golden example of a message."""
    return json.loads((EXAMPLES / f"{stem}.json").read_text(encoding="utf-8"))


def written(document: Mapping[str, Any]) -> str:
    """A schema as it stands in its file: keys sorted, so that a difference is a change."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def event_of(stem: str) -> type[Event]:
    """The event class of a stem."""
    return next(event for event in PUBLISHED if event.stem == stem)


def stems(events: Iterable[type[Event]] = PUBLISHED) -> list[str]:
    """The stems of the published events."""
    return [event.stem for event in events]


def _schema(stem: str, model: type[BaseModel], **annotations: str) -> dict[str, Any]:
    head = {"$schema": DIALECT, "$id": f"urn:fingerpost:schema:{stem}", **{f"x-{name}": text for name, text in annotations.items()}}
    return {**head, **model.model_json_schema()}


def _envelope_schema() -> dict[str, Any]:
    """The envelope's attributes; what `data` is, `type` tells."""
    schema = _schema(ENVELOPE_STEM, CloudEvent)
    del schema["$defs"]
    schema["properties"]["data"] = {"type": "object", "description": "as the schema of the event's stem says"}
    return schema
