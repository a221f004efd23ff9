"""CloudEvents 1.0 in structured JSON mode: how an event travels."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Generic, Literal, TypeVar, cast
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, create_model

from fingerpost_shared.contracts.events import Event
from fingerpost_shared.contracts.values import value

CONTENT_TYPE = "application/cloudevents+json"
_TYPE_PREFIX = "org.fingerpost."
_UUID = re.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_OWN_SOURCE = re.compile("/fingerpost/[a-z]+")

E = TypeVar("E", bound=Event)


class Malformed(Exception):
    """A message that no retry will make readable. The text names what is wrong, never what was sent."""


@value
class Envelope:
    """An event on its way out: with the id that its cause gives it, and the time at which it happened."""

    event: Event
    id: UUID
    at: datetime

    def encode(self, source: str) -> bytes:
        """The message's body. The subject is the event's own."""
        head = (
            f'{{"specversion":"1.0","id":"{self.id}","source":"/fingerpost/{source}","type":"{event_type(type(self.event))}",'
            f'"time":"{(self.at if self.at.tzinfo is UTC else self.at.astimezone(UTC)).isoformat()}","datacontenttype":"application/json",'
            f'"traceparent":"{traceparent(self.event.about, self.id)}","data":'
        )
        return f"{head}{self.event.model_dump_json()}}}".encode()


@value
class Received(Generic[E]):
    """An event as it came in. `when` tells when it was stored, which few ask for."""

    event: E
    id: str
    source: str
    subject: str
    when: Callable[[], datetime]

    @property
    def stored_at(self) -> datetime:
        """When the stream took it."""
        return self.when()

    def again(self) -> bytes:
        """The message as a dead letter keeps it: of the closed model alone, for what a sender added may hold what nobody may read."""
        identity = self.id if _UUID.fullmatch(self.id) else str(self.event.about)
        source = self.source if _OWN_SOURCE.fullmatch(self.source) else "/outside"
        head = {"specversion": "1.0", "id": identity, "source": source, "type": event_type(type(self.event))}
        return f'{json.dumps(head)[:-1]}, "data": {self.event.model_dump_json()}}}'.encode()


class CloudEvent(BaseModel):
    """The attributes that CloudEvents 1.0 demands, and the data. Extensions and optional attributes are let through unread."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    time: AwareDatetime | None = None
    data: Event


def event_type(event: type[Event]) -> str:
    """The CloudEvents `type` of an event class: `org.fingerpost.leg.routed.v1`."""
    return _TYPE_PREFIX + event.stem


def decode(event: type[E], subject: str, body: bytes, when: Callable[[], datetime]) -> Received[E]:
    """Read a message as this event. Raises `Malformed` with every fault, each by its place in the message."""
    try:
        cloud_event = cloud_event_of(event).model_validate_json(body)
    except ValidationError as error:
        raise Malformed(faults_of(error)) from None
    if cloud_event.type != event_type(event):
        raise Malformed(f"type: expected {event_type(event)}")
    return Received(cast("E", cloud_event.data), cloud_event.id, cloud_event.source, subject, when)


def faults_of(error: ValidationError) -> str:
    """A validation error in one line that shows where and what, and nothing of the input: `?` stands for a name that is none of ours."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{_place(fault['loc'], fault['type'])}: {fault['type']}" for fault in faults)


def _place(steps: tuple[int | str, ...], fault: str) -> str:
    shown = (*steps[:-1], "?") if fault == "extra_forbidden" else steps
    return ".".join(map(str, shown)) or "body"


def traceparent(trace: UUID, span_source: UUID) -> str:
    """The W3C trace context of an event."""
    return f"00-{trace.hex}-{span_source.hex[-16:]}-01"


@cache
def cloud_event_of(event: type[Event]) -> type[CloudEvent]:
    """The model of a whole message that carries this event."""
    return create_model(f"{event.__name__}Message", __base__=CloudEvent, data=(event, ...))
