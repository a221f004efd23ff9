"""Reads the newest messages of a demo's mail catcher."""

from collections.abc import Sequence

import httpx
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from fingerpost_console.domain.asking import CaughtMail, Unanswered

SHOWN = 20
TIMEOUT_SECONDS = 3.0


class _Message(BaseModel):
    to: str
    sender: str = Field(alias="from")
    subject: str
    body: str
    received_at: AwareDatetime


_MESSAGES = TypeAdapter(list[_Message])


class MailCatcher:
    """The mail catcher at this address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def newest(self) -> Sequence[CaughtMail]:
        """The newest messages first. Raises `Unanswered` when the catcher is away or sends what is no list of messages."""
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                answer = await client.get(f"{self._url}/messages")
            messages = _MESSAGES.validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            raise Unanswered("mail catcher") from error
        newest = sorted(messages, key=lambda message: message.received_at, reverse=True)[:SHOWN]
        return [CaughtMail(message.to, message.sender, message.subject, message.body, message.received_at) for message in newest]
