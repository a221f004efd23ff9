"""Finding a referral by its reference, however it was typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fingerpost_console.site import SignedIn
from fingerpost_shared.contracts.ids import QUARANTINE_PREFIX, read_reference

router = APIRouter()


@router.get("/search")
async def search(page: SignedIn, reference: Annotated[str, Query(max_length=100)] = "") -> Response:
    """On to the referral, or what is wrong with what was typed."""
    canonical = read_reference(reference)
    if canonical is None:
        return page.render("search.html", 422 if reference else 200, typed=reference)
    if canonical.startswith(f"{QUARANTINE_PREFIX}-"):
        return page.redirect(f"/quarantine#{canonical}")
    return page.redirect(f"/referrals/{canonical}")
