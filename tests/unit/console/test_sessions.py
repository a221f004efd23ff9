"""Sessions, the tokens in forms, and the assertion that the router verifies."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from fingerpost_console.domain.people import Viewer
from fingerpost_console.domain.sessions import (
    Limits,
    Notice,
    assertion_of,
    csrf_token,
    is_own_form,
    new_session,
    prolonged,
    read_session,
    write_session,
)

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
LIMITS = Limits(idle=timedelta(minutes=15), absolute=timedelta(hours=12))
DANA = Viewer("dana", "Dana Sample", "matac", ("caseworker",), "matac", is_of_a_board=False)


def test_a_session_is_read_back_with_its_notice() -> None:
    session = new_session("dana", NOW, LIMITS).telling(Notice(True, "Taken", "It is yours."))

    assert read_session(write_session(session, KEY), KEY, NOW) == session


def test_a_session_ends_after_its_idle_time() -> None:
    cookie = write_session(new_session("dana", NOW, LIMITS), KEY)

    assert read_session(cookie, KEY, NOW + timedelta(minutes=14, seconds=59)) is not None
    assert read_session(cookie, KEY, NOW + timedelta(minutes=15)) is None


def test_a_session_in_use_still_ends_after_its_absolute_time() -> None:
    session = new_session("dana", NOW, LIMITS)
    near_the_end = NOW + timedelta(hours=11, minutes=55)

    assert prolonged(session, near_the_end, LIMITS).ends_at == NOW + timedelta(hours=12)


@pytest.mark.parametrize("cookie", [None, "", "rubbish", "a.b.c"])
def test_what_is_no_session_of_ours_is_none(cookie: str | None) -> None:
    assert read_session(cookie, KEY, NOW) is None


def test_a_session_signed_by_another_key_is_none() -> None:
    assert read_session(write_session(new_session("dana", NOW, LIMITS), OTHER_KEY), KEY, NOW) is None


def test_an_unsigned_session_is_none() -> None:
    unsigned = jwt.encode({"aud": "console-session", "sid": "x", "sub": "dana", "iat": 0, "exp": 2**31}, "", algorithm="none")

    assert read_session(unsigned, KEY, NOW) is None


def test_an_assertion_cannot_be_used_as_a_session_even_under_one_key() -> None:
    assert read_session(assertion_of(DANA, uuid4(), KEY, NOW), KEY, NOW) is None


def test_a_form_belongs_to_one_session_only() -> None:
    mine, theirs = new_session("dana", NOW, LIMITS), new_session("dana", NOW, LIMITS)

    assert is_own_form(csrf_token(mine, KEY), mine, KEY)
    assert not is_own_form(csrf_token(mine, KEY), theirs, KEY)
    assert not is_own_form("é", mine, KEY)


def test_an_assertion_says_who_acts_and_is_good_for_sixty_seconds() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    action_id = uuid4()

    claims = jwt.decode(assertion_of(DANA, action_id, KEY, now), KEY, algorithms=["HS256"], audience="router")

    assert claims == {
        "sub": "dana",
        "name": "Dana Sample",
        "works_for": "matac",
        "roles": ["caseworker"],
        "aud": "router",
        "action_id": str(action_id),
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 60,
    }
