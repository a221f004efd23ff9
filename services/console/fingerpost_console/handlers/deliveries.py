"""The alerts to agencies: how many are in which state, and why some failed. Sent is not owned."""

from fastapi import APIRouter, Response

from fingerpost_console.site import Watching
from fingerpost_shared.contracts.queries.notifier import AlertsQuery, AlertState
from fingerpost_shared.contracts.queries.pages import After

router = APIRouter()
PAGE_SIZE = 50


@router.get("/deliveries")
async def deliveries(page: Watching, state: AlertState | None = None, after: After | None = None) -> Response:
    """One page of the alerts, newest first."""
    answer = await page.site.asks.ask(AlertsQuery(state=state, after=after, limit=PAGE_SIZE))
    return page.render("deliveries.html", answer=answer, state=state, after=after)
