"""Asks intake's book on a sender's behalf, who is told when it cannot be asked."""

from collections.abc import Awaitable
from typing import TypeVar

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import SQLAlchemyError

from fingerpost_intake.adapters.http.problems import RETRY, Problem

T = TypeVar("T")
# what SQLAlchemy gives, and what passes it by while a connection is made
_AWAY = (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError)


async def ask_book(answer: Awaitable[T], agency: str) -> T:
    """The book's answer. Raises `Problem` 503 while the database is away."""
    try:
        return await answer
    except _AWAY:
        detail = "It cannot be looked up just now; what was accepted is safe. Ask again in a few seconds."
        raise Problem(503, "not-answered", detail, headers=RETRY, agency=agency) from None
