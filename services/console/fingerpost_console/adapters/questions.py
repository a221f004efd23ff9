"""Asks the other services over NATS."""

from fingerpost_console.domain.asking import Unanswered
from fingerpost_shared.contracts.queries.query import A, Query
from fingerpost_shared.runtime import asking
from fingerpost_shared.runtime.service import Service


class NatsQuestions:
    """Asks through the service's connection. A refusal counts as no answer: the console asks nothing that may be refused."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def ask(self, query: Query[A], service: str = "") -> A:
        """The answer. Raises `Unanswered` with the name of who was asked."""
        try:
            return await self._service.ask(query, service)
        except (asking.Unanswered, asking.Refused, ConnectionError) as error:
            raise Unanswered(service or query.subject.split(".")[1]) from error
