"""The development sign-in: choose a person of the directory. It is for the demo alone; the console starts nowhere else."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Response

from fingerpost_console.domain.names import Names
from fingerpost_console.domain.sessions import new_session
from fingerpost_console.site import AnyPage, OwnForm, Page
from fingerpost_shared.contracts.directory import Directory, Person

router = APIRouter()


@router.get("/sign-in")
async def sign_in(page: AnyPage, next: str = "/") -> Response:
    """Who can be chosen, by whom they work for."""
    return page.render("sign-in.html", groups=_people_by_organisation(page.site.directory, page.site.names), next=_own_address(next))


@router.post("/sign-in")
async def signed_in(page: OwnForm, person: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:
    """Begin a session for this person. The session's id is new, so that a planted one is worth nothing."""
    if person not in page.site.directory.people:
        return _ask_again(page, next)
    return page.redirect(_own_address(next), session=new_session(person, page.local.now, page.site.limits))


@router.post("/sign-out")
async def sign_out(page: OwnForm) -> Response:
    """Put a session of nobody in the place of this one."""
    return page.redirect("/sign-in", session=new_session(None, page.local.now, page.site.limits))


def _ask_again(page: Page, next: str) -> Response:
    groups = _people_by_organisation(page.site.directory, page.site.names)
    return page.render("sign-in.html", 422, groups=groups, next=_own_address(next), error="Choose who you are")


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
