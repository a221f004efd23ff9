"""Finding a referral by its reference, however it was typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fingerpost_console.site import SignedIn
from fingerpost_shared.contracts.ids import QUARANTINE_PREFIX, is_mistyped_reference, read_reference

router = APIRouter()


@router.get("/search")
async def search(page: SignedIn, reference: Annotated[str, Query(max_length=100)] = "") -> Response:
    """On to the referral, or what is wrong with what was typed."""
    canonical = read_reference(reference)
    if canonical is None and reference:
        fault = "mistyped" if is_mistyped_reference(reference) else "no_reference"
        return page.render("search.html", 422, sought=reference, fault=fault)
    if canonical is None:
        return page.render("search.html")
    if canonical.startswith(f"{QUARANTINE_PREFIX}-"):
        if not page.me.sees_all:
            return page.render("search.html", sought=canonical, is_in_quarantine=True)
        return page.redirect(f"/quarantine#{canonical}")
    return page.redirect(f"/referrals/{canonical}")
