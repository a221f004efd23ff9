"""What the console needs of the rest of the system. The real thing is in `adapters`, a fake one in the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fingerpost_console.domain.people import Viewer
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.events import ActionSubmitted, RulesetSubmitted
from fingerpost_shared.contracts.queries.query import A, Query

Submitted = ActionSubmitted | RulesetSubmitted


class Unanswered(Exception):
    """A part of the system did not answer in time. `service` names it."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} did not answer")
        self.service = service


class UnknownYet(Unanswered):
    """What a person asked for is stored and will be done, but its answer did not come in time."""


class Asks(Protocol):
    """Asks other services."""

    async def ask(self, query: Query[A], service: str = "") -> A:
        """The answer, of this service where several answer the query. Raises `Unanswered`."""
        ...


class Acts(Protocol):
    """Submits what people ask for."""

    async def act(self, action: Submitted, viewer: Viewer) -> ActionAnswered:
        """The router's answer, the same again for the same `action_id`. Raises `Unanswered`, `UnknownYet` once the action is stored."""
        ...


@dataclass(frozen=True)
class CaughtMail:
    """A message that the demo's mail catcher took instead of a mail server."""

    to: str
    sender: str
    subject: str
    body: str
    received_at: datetime


class CatchesMail(Protocol):
    """The mail catcher of a demo."""

    async def newest(self) -> Sequence[CaughtMail]:
        """The newest messages first. Raises `Unanswered`."""
        ...
