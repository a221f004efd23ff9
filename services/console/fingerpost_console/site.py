"""What every page has at hand: the parts it asks, the session it answers to, and how it is rendered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from fingerpost_console.domain import sessions
from fingerpost_console.domain.asking import Acts, Asks, CatchesMail
from fingerpost_console.domain.local_time import LocalTime
from fingerpost_console.domain.names import Names
from fingerpost_console.domain.people import Viewer, viewer_of
from fingerpost_console.domain.rule_changes import Comparison
from fingerpost_console.domain.sessions import Limits, Notice, Session
from fingerpost_rules import RuleSet
from fingerpost_shared.contracts.directory import Directory
from fingerpost_shared.contracts.queries.rule_sets import RuleSetText

COOKIE = "fingerpost_session"


class SignInFirst(Exception):
    """Nobody is signed in."""


class NotFound(Exception):
    """There is no such page for this person: whether it exists for others is not told."""


class NotOwnForm(Exception):
    """A form did not come from a page of this session."""


@dataclass(frozen=True)
class Site:
    """One partnership's console."""

    directory: Directory
    names: Names
    may_be_unknown: tuple[str, ...]
    asks: Asks
    acts: Acts
    mail: CatchesMail | None
    templates: Environment
    session_key: bytes
    limits: Limits
    read_rules: Callable[[RuleSetText], Awaitable[RuleSet | None]]
    compare: Callable[[RuleSetText, RuleSetText], Awaitable[Comparison]]
    now: Callable[[], datetime]


@dataclass(frozen=True)
class Page:
    """One request: who asks, when, and how to answer."""

    site: Site
    request: Request
    session: Session
    viewer: Viewer | None
    local: LocalTime

    @property
    def me(self) -> Viewer:
        """Who is signed in. Raises `SignInFirst`."""
        if self.viewer is None:
            raise SignInFirst
        return self.viewer

    def render(self, template: str, status: int = 200, **view: Any) -> HTMLResponse:
        """A whole page. It prolongs the session, and tells its notice once."""
        response = self.fragment(template, status, **view)
        self._keep(response, self.session.told())
        return response

    def fragment(self, template: str, status: int = 200, **view: Any) -> HTMLResponse:
        """A part of a page that the browser asked for by itself, which must not keep the session alive."""
        common = {
            "page": self,
            "viewer": self.viewer,
            "local": self.local,
            "names": self.site.names,
            "csrf": sessions.csrf_token(self.session, self.site.session_key),
            "notice": self.session.notice,
        }
        return HTMLResponse(self.site.templates.get_template(template).render({**common, **view}), status)

    def redirect(self, address: str, notice: Notice | None = None, session: Session | None = None) -> RedirectResponse:
        """On to another page after a form, with something to tell there."""
        kept = session or self.session
        response = RedirectResponse(address, 303)
        self._keep(response, kept.telling(notice) if notice else kept)
        return response

    def _keep(self, response: Response, session: Session) -> None:
        prolonged = sessions.prolonged(session, self.local.now, self.site.limits)
        response.set_cookie(
            COOKIE,
            sessions.write_session(prolonged, self.site.session_key),
            httponly=True,
            samesite="lax",
            secure=self.request.url.scheme == "https",
        )


def page_of(request: Request) -> Page:
    """The page that a request asks for, whoever asks; without a session of ours it begins one for nobody."""
    site = cast("Site", request.app.state.site)
    now = site.now()
    session = sessions.read_session(request.cookies.get(COOKIE), site.session_key, now)
    viewer = viewer_of(site.directory, session.person) if session and session.person else None
    local = LocalTime(now, ZoneInfo(site.directory.partnership.timezone))
    return Page(site, request, session or sessions.new_session(None, now, site.limits), viewer, local)


AnyPage = Annotated[Page, Depends(page_of)]


def signed_in_page(page: AnyPage) -> Page:
    """The page of somebody who is signed in. Raises `SignInFirst`."""
    if page.viewer is None:
        raise SignInFirst
    return page


SignedIn = Annotated[Page, Depends(signed_in_page)]


def watching_page(page: SignedIn) -> Page:
    """The page of somebody who watches over every queue. Raises `NotFound` for anybody else."""
    if not page.me.sees_all:
        raise NotFound
    return page


Watching = Annotated[Page, Depends(watching_page)]


def own_form(page: AnyPage, csrf: Annotated[str, Form()]) -> Page:
    """The page that a form was sent from. Raises `NotOwnForm` unless it was one of this session's own."""
    if not sessions.is_own_form(csrf, page.session, page.site.session_key):
        raise NotOwnForm
    return page


OwnForm = Annotated[Page, Depends(own_form)]


def sign_in_address(request: Request) -> str:
    """Where to sign in, and to come back from there to the page that was asked for.

    Who sent a form comes back to the page that it stands on, and hears that it changed nothing.
    """
    path = request.url.path
    if request.method != "GET":
        page = "/".join(path.split("/")[:3])  # the address of a form begins with that of its page
        return "/sign-in" if page == path else f"/sign-in?{urlencode({'next': page, 'unsent': 1})}"
    wanted = path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in" + ("" if wanted == "/" else f"?{urlencode({'next': wanted})}")
