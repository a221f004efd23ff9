"""The AsyncAPI 3 document of services: what each registers with FastStream as taken, answered and published."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from inspect import cleandoc
from typing import Any

from fastapi import APIRouter
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.specification import AsyncAPI

from fingerpost_shared.contracts.catalogue import KEYS, MESSAGES, described
from fingerpost_shared.contracts.queries.query import Query, Refusal
from fingerpost_shared.contracts.streams import Consumer
from fingerpost_shared.contracts.subjects import SERVICES

_REPLY = ".reply"
_ABOUT_REPLIES = "Goes to the reply subject of the question (NATS request and reply)."
_NOT_OURS = ("servers", "bindings")  # FastStream's guesses: its server is this deployment's, and NATS has no channel binding

Section = dict[str, Any]


def register_taken(broker: NatsBroker, consumer: Consumer) -> None:
    """Register what a durable consumer takes. The broker is never started, so nothing is ever taken by it."""
    for message, address in described(consumer.filter_subjects):
        _subscriber(
            broker,
            message.body,
            subject=address,
            stream=JStream(consumer.stream, declare=False),
            durable=consumer.durable,
            pull_sub=PullSub(1),
            ack_policy=AckPolicy.MANUAL,  # the default would lose what fails, should anybody ever start the broker
            title=consumer.durable,
            description=message.description,
        )


def register_answered(broker: NatsBroker, service: str, query: type[Query[Any]], subject: str) -> None:
    """Register a query and its answer."""
    title = f"{service}-answers-{query.__name__}"
    description = cleandoc(query.__doc__ or "")
    _subscriber(broker, query, subject=subject, queue=service, ack_policy=AckPolicy.MANUAL, title=title, description=description)
    broker.publisher(f"{subject}{_REPLY}", title=title + _REPLY, description=_ABOUT_REPLIES, schema=query.answer | Refusal)


def register_published(broker: NatsBroker, service: str) -> None:
    """Register what the service is allowed to publish."""
    granted = SERVICES[service].publish if service in SERVICES else ()
    for message, address in described(granted):
        title = f"{service}-publishes-{'-'.join(message.stem.split('.')[:2])}"
        broker.publisher(address, title=title, description=message.description, schema=message.body)


def document(title: str, *brokers: NatsBroker) -> Section:
    """The document of these services' brokers, the same for the same registrations: one channel an address, everything sorted."""
    found = AsyncAPI(*brokers).to_specification().to_jsonable()
    channels: Section = {}
    messages: Section = {}
    operations: Section = {}
    for name, operation in sorted(found["operations"].items()):
        channel = found["channels"][name]
        key, message = _channel_key(channel["address"]), _message(channel, found["components"])
        messages[message["name"]] = message
        shown = channels.setdefault(key, _channel(channel, is_reply=name.endswith(_REPLY)))
        shown["messages"][message["name"]] = _ref("components/messages", message["name"])
        if name.endswith(_REPLY):
            operations[name.removesuffix(_REPLY)]["reply"] = {"channel": _ref("channels", key)}
        else:
            shown_message = [_ref(f"channels/{key}/messages", message["name"])]
            operations[name] = {"action": operation["action"], "channel": _ref("channels", key), "messages": shown_message}
    schemas = {name: schema for name, schema in found["components"]["schemas"].items() if not _is_inline(name)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version("fingerpost-shared")},
        "defaultContentType": "application/json",
        "servers": {"nats": {"host": "localhost:4222", "protocol": "nats", "description": "NATS 2.12.3 or later, with JetStream"}},
        "channels": _sorted(channels),
        "operations": _sorted(operations),
        "components": {"messages": _sorted(messages), "schemas": _sorted(schemas)},
    }


def router(name: str, broker: NatsBroker) -> APIRouter:
    """`/asyncapi.json`: this service's own document."""
    pages = APIRouter(include_in_schema=False)

    @cache
    def asyncapi() -> Section:  # in a thread of its own: it takes a while, and messages must not wait for it
        return document(f"Fingerpost {name}", broker)

    pages.add_api_route("/asyncapi.json", asyncapi)
    return pages


def _subscriber(broker: NatsBroker, body: Any, **registration: Any) -> None:
    async def taken(message: Any) -> None: ...

    taken.__annotations__["message"] = body
    broker.subscriber(**registration)(taken)


def _channel(found: Section, *, is_reply: bool) -> Section:
    address: str = found["address"]
    keys = [word[1:-1] for word in address.split(".") if word.startswith("{")]
    parameters = {"parameters": {key: {"description": KEYS[key]} for key in keys}} if keys else {}
    kept = {name: value for name, value in found.items() if name not in _NOT_OURS}
    return {**kept, "address": None if is_reply else address, "messages": {}, **parameters}


def _message(channel: Section, components: Section) -> Section:
    """A channel's message, named after its body's model; a body that is no model of its own stands in the message itself."""
    (reference,) = channel["messages"].values()
    payload = components["messages"][_name_in(reference)]["payload"]
    schema_name = _name_in(payload)
    known = MESSAGES.get(".".join(channel["address"].split(".")[:3]))
    content = {"contentType": known.content_type if known else "application/json"}
    if not _is_inline(schema_name):
        return {"name": schema_name, **content, "payload": payload}
    schema = {name: value for name, value in components["schemas"][schema_name].items() if name != "title"}
    return {"name": _channel_key(channel["address"]), **content, "payload": schema}


def _is_inline(schema_name: str) -> bool:
    return schema_name.endswith(":Payload")  # FastStream's name for what is no model


def _channel_key(address: str) -> str:
    return address.replace("{", "").replace("}", "")


def _name_in(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[-1]


def _ref(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{section}/{name}"}


def _sorted(section: Section) -> Section:
    return dict(sorted(section.items()))
