"""Submits actions to the router over NATS, and waits for their answers."""

from collections.abc import Callable
from datetime import UTC, datetime

import nats.errors
import nats.js.errors
from nats.aio.subscription import Subscription

from fingerpost_console.domain.asking import Submitted, Unanswered, UnknownYet
from fingerpost_console.domain.people import Viewer
from fingerpost_console.domain.sessions import assertion_of
from fingerpost_shared.contracts.actions import ActionAnswered, answer_subject
from fingerpost_shared.contracts.envelope import CONTENT_TYPE, Envelope
from fingerpost_shared.runtime.service import Service

ACTOR = "console"
ANSWER_SECONDS = 5.0


def now_utc() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class NatsActions:
    """Submits in the console's name; the person who is signed in is vouched for by an assertion signed with `key`."""

    def __init__(self, service: Service, key: bytes, now: Callable[[], datetime] = now_utc) -> None:
        self._service = service
        self._key = key
        self._now = now

    async def act(self, action: Submitted, viewer: Viewer) -> ActionAnswered:
        """The router's answer. Raises `Unanswered` when nothing was stored, `UnknownYet` when it was but no answer came in time."""
        now = self._now()
        signed = action.model_copy(update={"assertion": assertion_of(viewer, action.action_id, self._key, now)})
        envelope = Envelope(signed, action.action_id, now)
        try:
            # listen first: the answer is a core message, kept for nobody
            answers = await self._service.nats.subscribe(answer_subject(ACTOR, action.action_id))
        except (nats.errors.Error, ConnectionError) as error:
            raise Unanswered("router") from error
        try:
            await self._submit(envelope)
            return await self._answer(answers)
        finally:
            await answers.unsubscribe()

    async def _submit(self, envelope: Envelope) -> None:
        subject = type(envelope.event).filter(service="router", actor=ACTOR)
        try:
            # no Nats-Msg-Id: a second click must reach the router, which gives it the same answer
            await self._service.publisher.publish_raw(subject, envelope.encode(ACTOR), {"Content-Type": CONTENT_TYPE})
        except (nats.errors.Error, nats.js.errors.Error, ConnectionError, TimeoutError) as error:
            raise Unanswered("router") from error

    async def _answer(self, answers: Subscription) -> ActionAnswered:
        try:
            message = await answers.next_msg(timeout=ANSWER_SECONDS)
        except nats.errors.Error as error:
            raise UnknownYet("router") from error
        return ActionAnswered.model_validate_json(message.data)
