"""What could not be read or understood, and why. Its content stays in the vault."""

from fastapi import APIRouter, Response

from fingerpost_console.site import Watching
from fingerpost_shared.contracts.queries.intake import QuarantineQuery
from fingerpost_shared.contracts.queries.pages import After

router = APIRouter()
PAGE_SIZE = 50


@router.get("/quarantine")
async def quarantine(page: Watching, after: After | None = None) -> Response:
    """One page of the quarantine, newest first."""
    answer = await page.site.asks.ask(QuarantineQuery(after=after, limit=PAGE_SIZE))
    return page.render("quarantine.html", answer=answer, after=after)
