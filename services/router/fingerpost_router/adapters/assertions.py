"""Who acts: an outside party acts for itself, as NATS pins it; the console for the person whose assertion it sends."""

from datetime import datetime
from typing import Any

import jwt

from fingerpost_router.domain.acting import Actor, Refused
from fingerpost_shared.contracts.events import ActionSubmitted, RulesetSubmitted

CONSOLE = "console"
_NOT_SIGNED_IN = Refused("not_signed_in", "Sign in again, then repeat what you did.")
_CLAIMS = ["sub", "name", "works_for", "exp", "aud", "action_id"]


class Assertions:
    """Verifies what the console signs: who is signed in, for this one action, for a minute."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def actor_of(self, name: str, action: ActionSubmitted, submitted_at: datetime) -> Actor | Refused:
        """For whom `name` acts. The assertion must have been valid when the action was submitted, however long it waited since."""
        if name != CONSOLE:
            return Actor(works_for=name)
        claims = self._claims(action, submitted_at)
        if claims is None or claims["name"] != action.by:
            return _NOT_SIGNED_IN
        return Actor(works_for=str(claims["works_for"]))

    def refuse_step(self, name: str, step: RulesetSubmitted, submitted_at: datetime) -> Refused | None:
        """Why `name` may not take this step for whom it names: the operator may for anybody, the console for who is signed in."""
        if name != CONSOLE:
            return None
        claims = self._claims(step, submitted_at)
        return None if claims is not None and claims["sub"] == step.by else _NOT_SIGNED_IN

    def _claims(self, action: ActionSubmitted | RulesetSubmitted, submitted_at: datetime) -> dict[str, Any] | None:
        """What the assertion says, where it is for this very action and was in time."""
        try:
            options: Any = {"require": _CLAIMS, "verify_exp": False}
            claims = jwt.decode(action.assertion or "", self._key, ["HS256"], options=options, audience="router")
        except jwt.InvalidTokenError:
            return None
        is_in_time = int(claims["exp"]) >= submitted_at.timestamp()
        return claims if is_in_time and claims["action_id"] == str(action.action_id) else None
