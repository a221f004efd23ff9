"""The development sign-in: choose a person of the directory. It is for the demo alone; the console starts nowhere else."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Response

from fingerpost_console.domain.names import Names
from fingerpost_console.domain.sessions import Notice, new_session
from fingerpost_console.site import AnyPage, OwnForm, Page
from fingerpost_shared.contracts.directory import Directory, Person

UNSENT = Notice(
    is_done=False,
    title="Nothing was changed",
    text="You were signed out before you sent that form. Sign in to go back to its page, and send it again there.",
)
STILL_UNSENT = Notice(
    is_done=False,
    title="Nothing was changed",
    text="You were signed out when you sent the form that stands here. If it is still to be done, send it again.",
)

router = APIRouter()


@router.get("/sign-in")
async def sign_in(page: AnyPage, next: str = "/", unsent: str = "") -> Response:
    """Who can be chosen, by whom they work for. With `unsent`, a form came too late for its session, here and after signing in."""
    return _choice(page, next, unsent)


@router.post("/sign-in")
async def signed_in(
    page: OwnForm, person: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/", unsent: Annotated[str, Form()] = ""
) -> Response:
    """Begin a session for this person. The session's id is new, so that a planted one is worth nothing."""
    if person not in page.site.directory.people:
        return _choice(page, next, unsent, "Choose who you are")
    session = new_session(person, page.local.now, page.site.limits)
    return page.redirect(_own_address(next), STILL_UNSENT if unsent else None, session)


@router.post("/sign-out")
async def sign_out(page: OwnForm) -> Response:
    """Put a session of nobody in the place of this one."""
    return page.redirect("/sign-in", session=new_session(None, page.local.now, page.site.limits))


def _choice(page: Page, next: str, unsent: str, error: str = "") -> Response:
    groups = _people_by_organisation(page.site.directory, page.site.names)
    told = {"notice": UNSENT} if unsent else {}
    return page.render(
        "sign-in.html", 422 if error else 200, groups=groups, next=_own_address(next), unsent=bool(unsent), error=error, **told
    )


def _people_by_organisation(directory: Directory, names: Names) -> list[tuple[str, list[tuple[str, Person]]]]:
    def organisation(entry: tuple[str, Person]) -> str:
        return names.organisation(entry[1].works_for)

    people: Mapping[str, Person] = directory.people
    ordered = sorted(people.items(), key=lambda entry: (organisation(entry), entry[1].name))
    return [(name, list(members)) for name, members in groupby(ordered, key=organisation)]


def _own_address(wanted: str) -> str:
    """Only an address of this console: `//elsewhere` and `/\\elsewhere` lead off it."""
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_own else "/"
