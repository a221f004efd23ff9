"""What a leg becomes when a person acts on it. Sent is not owned: only a person of the destination stops a clock (I4)."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from fingerpost_router.domain.legs import Leg
from fingerpost_shared.contracts.events import ActionSubmitted

MOST_DIGITS = 8  # a collar or warrant number has them; a telephone number has more
JOINERS = "\u200c\u200d"  # unseen, and part of names in Persian and Indian scripts


@dataclass(frozen=True)
class Actor:
    """Who acts: the destination that they work for, as NATS or the console's assertion vouches."""

    works_for: str


@dataclass(frozen=True)
class Refused:
    """An action that changes nothing. `help` says what to do instead."""

    code: str
    help: str


@dataclass(frozen=True)
class Done:
    """The leg after the action; `is_new` is false where it was so already."""

    leg: Leg
    is_new: bool


def is_a_name(text: str) -> bool:
    """Whether it can be the name of a person: with a letter, without signs that nobody sees, and no telephone number."""
    kinds = [unicodedata.category(sign) for sign in text if sign not in JOINERS]
    is_seen = not any(kind[0] == "C" or kind in ("Zl", "Zp") for kind in kinds)
    return is_seen and any(kind[0] == "L" for kind in kinds) and kinds.count("Nd") <= MOST_DIGITS


def act(leg: Leg, action: ActionSubmitted, actor: Actor, at: datetime) -> Done | Refused:
    """What becomes of the leg. Total: every state and action has an answer."""
    if actor.works_for != leg.destination:
        return Refused("not_yours", "Only a person of the leg's destination can act on it.")
    if not is_a_name(action.by) or action.by.strip() == leg.destination:
        return Refused("nobody_named", "Say in 'by' which person acts: no system's receipt is an acknowledgement.")
    if leg.role == "copy":
        return Refused("is_a_copy", "A copy is for information: nobody has to take it.")
    if action.action != "acknowledge":
        return Refused("not_offered", f"'{action.action}' is not offered here; a leg can be acknowledged.")
    if leg.state == "acknowledged" and leg.owner == action.by.strip():
        return Done(leg, is_new=False)
    if leg.state != "open":
        return Refused("already_owned", f"It is {leg.state} already: look at its owner before you do anything.")
    if action.expected_version is not None and action.expected_version != leg.version:
        return Refused("stale", "The leg has changed since you saw it: look at it again, then act.")
    taken = replace(leg, state="acknowledged", owner=action.by.strip(), acknowledged_at=at, version=leg.version + 1)
    return Done(taken, is_new=True)
