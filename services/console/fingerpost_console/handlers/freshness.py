"""Whether what a page shows is still so.

The page asks by itself, so this keeps no session alive; and it only tells: rows are never changed under the reader.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from fingerpost_console.domain import queues
from fingerpost_console.site import AnyPage, Page
from fingerpost_shared.contracts.queries.router import QueuesQuery

router = APIRouter()
WARN_BEFORE = timedelta(minutes=3)


@router.get("/freshness")
async def freshness(
    page: AnyPage, seen: Annotated[str, Query(max_length=60)] = "", queue: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """What is new since the page was made, and whether the session is about to end."""
    if page.viewer is None:
        return page.fragment("freshness.html", 401, news=None, is_ending=False)
    news = await _news(page, seen, queue)
    is_ending = page.session.ends_at - page.local.now < WARN_BEFORE
    return page.fragment("freshness.html", news=news, is_ending=is_ending)


async def _news(page: Page, written: str, queue: str | None) -> str | None:
    before = queues.read_seen(written)
    if before is None:
        return None
    answer = await page.site.asks.ask(QueuesQuery())
    shown = [figures for figures in answer.queues if page.me.sees_queue(figures.destination) and queue in (None, figures.destination)]
    return queues.news(before, queues.seen(shown))
