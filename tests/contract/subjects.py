"""NATS's rules for subjects, so that tests can ask which pattern takes what."""

from itertools import zip_longest

from fingerpost_shared.contracts.events import LANES, Event


def takes(pattern: str, subject: str) -> bool:
    """Whether a pattern (a stream's subject, a permission) takes every subject that `subject` may stand for."""
    for wanted, word in zip_longest(pattern.split("."), subject.split(".")):
        if wanted == ">":
            return word is not None
        if wanted is None or word is None or (wanted != "*" and wanted != word):
            return False
    return True


def may_meet(one: str, other: str) -> bool:
    """Whether some subject is taken by both patterns; none of ours ends in `>`."""
    words = list(zip_longest(one.split("."), other.split(".")))
    return all(a is not None and b is not None and ("*" in (a, b) or a == b) for a, b in words)


def subjects_of(event: type[Event]) -> list[str]:
    """The subjects of an event, one for each lane where it has lanes; `*` stands for any other key."""
    if "{lane}" in event.subject_template:
        return [event.filter(lane=lane) for lane in LANES]
    return [event.filter()]
