"""Queries over NATS request and reply: asking, and answering."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, ValidationError

from fingerpost_shared.contracts.envelope import faults_of
from fingerpost_shared.contracts.queries.query import Query, Refusal
from fingerpost_shared.runtime.logs import where

A = TypeVar("A", bound=BaseModel)
TIMEOUT_SECONDS = 5.0
_NOBODY_YET_SECONDS = 0.2

log = structlog.get_logger()


class Unanswered(Exception):
    """Nobody answered in time. The text names who was asked."""


class Refused(Exception):
    """The query could not be answered. The text says why and how to mend it."""


async def ask(client: Client, query: Query[A], service: str = "", timeout_seconds: float = TIMEOUT_SECONDS) -> A:
    """Ask one question. Raises `Unanswered` or `Refused`."""
    subject = query.subject.format(service=service)
    try:
        reply = await asyncio.wait_for(_request(client, subject, query.model_dump_json().encode()), timeout_seconds)
    except (TimeoutError, nats.errors.Error, ConnectionError) as error:
        raise Unanswered(f"{subject.split('.')[1]} did not answer {subject} ({type(error).__name__})") from None
    try:
        return query.answer.model_validate_json(reply.data)  # pyright: ignore[reportReturnType] - the query names its answer
    except ValidationError:
        refusal = Refusal.model_validate_json(reply.data)
        raise Refused(f"{refusal.error}: {refusal.help}") from None


def reply_to(query: type[Query[Any]], handler: Callable[[Any], Awaitable[BaseModel]]) -> Callable[[Msg], Awaitable[None]]:
    """A subscription's callback that reads the question and answers it, whatever happens."""

    async def reply(message: Msg) -> None:
        try:
            answer = await handler(query.model_validate_json(message.data))
        except ValidationError as error:
            answer = Refusal(error="invalid", help=faults_of(error))
        except Exception as error:
            log.warning("query_failed", subject=message.subject, error=type(error).__name__, where=where(error))
            answer = Refusal(error="failed", help="The service could not answer just now; ask again.")
        if message.reply:
            await message.respond(answer.model_dump_json().encode())

    return reply


async def _request(client: Client, subject: str, body: bytes) -> Msg:
    """A request right after a responder subscribed may find none: try again until the caller's time is up."""
    while True:
        try:
            return await client.request(subject, body, timeout=TIMEOUT_SECONDS)
        except nats.errors.NoRespondersError:
            await asyncio.sleep(_NOBODY_YET_SECONDS)
