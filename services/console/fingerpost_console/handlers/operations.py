"""For operators: do the books balance, and what did the demo's mail catcher take."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from fastapi import APIRouter, Response

from fingerpost_console.domain.asking import CaughtMail, Unanswered
from fingerpost_console.domain.books import verdict
from fingerpost_console.site import Page, Watching
from fingerpost_shared.contracts.queries.intake import IntakeBooksQuery
from fingerpost_shared.runtime.reconciling import reconcile

router = APIRouter()
T = TypeVar("T")


@router.get("/operations")
async def operations(page: Watching) -> Response:
    """The books as far as they can be had; a part that does not answer is named, and the rest is shown."""
    silent: list[str] = []
    books = await _or_note(reconcile(page.site.asks.ask), silent)
    intake = await _or_note(page.site.asks.ask(IntakeBooksQuery()), silent)
    mail = await _or_note(_newest_mail(page), silent)
    return page.render(
        "operations.html",
        503 if silent else 200,
        books=books,
        verdict=verdict(books.received, books.unaccounted, is_balanced=books.balanced) if books else None,
        intake=intake,
        mail=mail,
        silent=silent,
    )


async def _newest_mail(page: Page) -> Sequence[CaughtMail] | None:
    return await page.site.mail.newest() if page.site.mail else None


async def _or_note(asking: Awaitable[T], silent: list[str]) -> T | None:
    """The answer, or None with the name of who did not give it noted down."""
    try:
        return await asking
    except Unanswered as unanswered:
        if unanswered.service not in silent:
            silent.append(unanswered.service)
        return None
