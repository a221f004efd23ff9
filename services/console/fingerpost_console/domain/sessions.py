"""The signed session and the tokens made from it. The session is a JWT in a cookie: nothing about it is kept on the server."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from fingerpost_console.domain.people import Viewer

ALGORITHM = "HS256"
SESSION_AUDIENCE = "console-session"
ASSERTION_LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class Notice:
    """What the next page tells about the last click."""

    is_done: bool
    title: str
    text: str


@dataclass(frozen=True)
class Limits:
    """When a session ends: after so long without a page, and after so long in any case."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True)
class Session:
    """One browser's session; `person` is None until somebody signs in."""

    id: str
    person: str | None
    started_at: datetime
    ends_at: datetime
    notice: Notice | None = None

    def told(self) -> "Session":
        """The session once its notice has been shown."""
        return replace(self, notice=None)

    def telling(self, notice: Notice) -> "Session":
        """The session with something to tell on the next page."""
        return replace(self, notice=notice)


def new_session(person: str | None, now: datetime, limits: Limits) -> Session:
    """A session with a fresh id: signing in always makes one, so that a planted id is worth nothing."""
    return Session(secrets.token_urlsafe(16), person, now, now + limits.idle)


def prolonged(session: Session, now: datetime, limits: Limits) -> Session:
    """The session after another page: the idle time begins again, the absolute one does not."""
    return replace(session, ends_at=min(now + limits.idle, session.started_at + limits.absolute))


def write_session(session: Session, key: bytes) -> str:
    """The session as the value of a cookie."""
    claims: dict[str, Any] = {
        "aud": SESSION_AUDIENCE,
        "sid": session.id,
        "sub": session.person or "",
        "iat": int(session.started_at.timestamp()),
        "exp": int(session.ends_at.timestamp()),
    }
    if session.notice:
        claims["notice"] = [session.notice.is_done, session.notice.title, session.notice.text]
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def read_session(cookie: str | None, key: bytes, now: datetime) -> Session | None:
    """The session in a cookie; None where there is none, it is over, or it is not ours."""
    try:
        # the clock is an argument here, so the library must not look at its own
        options: Any = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(cookie or "", key, algorithms=[ALGORITHM], audience=SESSION_AUDIENCE, options=options)
    except jwt.InvalidTokenError:
        return None
    session = Session(
        claims["sid"],
        claims["sub"] or None,
        datetime.fromtimestamp(claims["iat"], UTC),
        datetime.fromtimestamp(claims["exp"], UTC),
        Notice(*claims["notice"]) if "notice" in claims else None,
    )
    return session if now < session.ends_at else None


def csrf_token(session: Session, key: bytes) -> str:
    """What a form of this session carries, and what nobody else's page can know."""
    return hmac.new(key, f"csrf/{session.id}".encode(), hashlib.sha256).hexdigest()


def is_own_form(token: str, session: Session, key: bytes) -> bool:
    """True when a form came from a page of this very session."""
    return hmac.compare_digest(token.encode(), csrf_token(session, key).encode())


def assertion_of(viewer: Viewer, action_id: UUID, key: bytes, now: datetime) -> str:
    """Who is signed in, for the service that owns the data: good for one action and 60 seconds."""
    claims: dict[str, Any] = {
        "sub": viewer.id,
        "name": viewer.name,
        "works_for": viewer.works_for,
        "roles": list(viewer.roles),
        "aud": "router",
        "action_id": str(action_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIFE).timestamp()),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM)
