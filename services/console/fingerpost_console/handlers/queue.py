"""A destination's queue. What somebody has taken stays in view, with its owner and since when."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fingerpost_console.domain import queues
from fingerpost_console.domain.filters import Filter, Show
from fingerpost_console.site import NotFound, Page, SignedIn
from fingerpost_shared.contracts.events import BAND_PATTERN
from fingerpost_shared.contracts.queries.router import AfterLeg, LegView, QueuesQuery

router = APIRouter()
PAGE_SIZE = 50


@router.get("/queues/{destination}")
async def queue(
    page: SignedIn,
    destination: str,
    show: Show = "unclosed",
    band: Annotated[str | None, Query(pattern=BAND_PATTERN)] = None,
    after: AfterLeg | None = None,
) -> Response:
    """One page of a queue, as its filter says."""
    if not page.me.sees_queue(destination) or destination not in page.site.directory.destinations:
        raise NotFound
    chosen = Filter(show, band)
    legs, next_after = await collect(page, destination, chosen, after, PAGE_SIZE)
    answer = await page.site.asks.ask(QueuesQuery())
    own = [figures for figures in answer.queues if figures.destination == destination]
    return page.render(
        "queue.html",
        destination=destination,
        chosen=chosen,
        legs=legs,
        figures=queues.overview(own, [destination]).totals,
        bands=sorted({band for figures in own for band, count in figures.open_by_band.items() if count}),
        after=after,
        next_after=next_after,
        watch=f"queue={destination}&seen={queues.seen(own).written()}",
    )


async def collect(page: Page, destination: str, chosen: Filter, after: str | None, enough: int) -> tuple[list[LegView], str | None]:
    """Legs that fit, at least `enough` of them while there are more, and where the next page begins.

    The router narrows by state and role only, so its pages are read on until enough legs fit; a page may then hold some more than `enough`.
    """
    found: list[LegView] = []
    while True:
        answer = await page.site.asks.ask(chosen.query(destination, after, enough))
        found += [leg for leg in answer.legs if chosen.fits(leg, page.me.name, page.local.now)]
        after = answer.next_after
        if after is None or len(found) >= enough:
            return found, after
