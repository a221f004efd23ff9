"""Today: what waits, where, and for how long."""

from fastapi import APIRouter, Response

from fingerpost_console.domain import queues
from fingerpost_console.domain.filters import Filter
from fingerpost_console.handlers.queue import collect
from fingerpost_console.site import Page, SignedIn
from fingerpost_shared.contracts.queries.router import LegView, QueuesQuery, QueueView

router = APIRouter()
SHOWN_TO_CASEWORKERS, SHOWN_TO_WATCHERS = 10, 3


@router.get("/")
async def today(page: SignedIn) -> Response:
    """The queues this person may see; a caseworker also sees what to take next."""
    answer = await page.site.asks.ask(QueuesQuery())
    visible = [queue for queue in answer.queues if page.me.sees_queue(queue.destination)]
    destinations = [id for id in page.site.directory.destinations if page.me.sees_queue(id)]
    return page.render(
        "today.html",
        overview=queues.overview(visible, destinations),
        mine=_own_queue(visible, page),
        next_legs=await _next_legs(page),
        watch=f"seen={queues.seen(visible).written()}",
    )


def _own_queue(visible: list[QueueView], page: Page) -> QueueView | None:
    return next((queue for queue in visible if queue.destination == page.me.destination), None)


async def _next_legs(page: Page) -> list[LegView]:
    """What a group's own people should take next: the most urgent, then the longest waiting."""
    if page.me.destination is None:
        return []
    shown = SHOWN_TO_WATCHERS if page.me.sees_all else SHOWN_TO_CASEWORKERS
    legs, _ = await collect(page, page.me.destination, Filter("waiting"), None, shown)
    return legs[:shown]
