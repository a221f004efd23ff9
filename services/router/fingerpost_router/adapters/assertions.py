"""Who acts: an outside party acts for itself, as NATS pins it; the console for the person whose assertion it sends."""

from datetime import datetime

import jwt

from fingerpost_router.domain.acting import Actor, Refused
from fingerpost_shared.contracts.events import ActionSubmitted

CONSOLE = "console"
_CLAIMS = ["sub", "name", "works_for", "exp", "aud", "action_id"]


class Assertions:
    """Verifies what the console signs: who is signed in, for this one action, for a minute."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def actor_of(self, name: str, action: ActionSubmitted, submitted_at: datetime) -> Actor | Refused:
        """For whom `name` acts. The assertion must have been valid when the action was submitted, however long it waited since."""
        if name != CONSOLE:
            return Actor(works_for=name)
        refused = Refused("not_signed_in", "Sign in again, then repeat what you did.")
        try:
            options = {"require": _CLAIMS, "verify_exp": False}
            claims = jwt.decode(action.assertion or "", self._key, ["HS256"], options=options, audience="router")  # pyright: ignore[reportArgumentType]
        except jwt.InvalidTokenError:
            return refused
        is_in_time = int(claims["exp"]) >= submitted_at.timestamp()
        if not is_in_time or claims["action_id"] != str(action.action_id) or claims["name"] != action.by:
            return refused
        return Actor(works_for=str(claims["works_for"]))
