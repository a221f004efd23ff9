"""The messages that services send each other, by subject: what a programmer of another system has to know of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from fingerpost_shared.contracts.actions import ActionAnswered, answer_subject
from fingerpost_shared.contracts.envelope import CONTENT_TYPE, cloud_event_of
from fingerpost_shared.contracts.events import LANES, PUBLISHED
from fingerpost_shared.contracts.streams import submission_subject

KEYS: dict[str, str] = {
    "lane": f"`{'` or `'.join(LANES)}`: urgent overtakes",
    "destination": "the id of a destination in the directory",
    "agency": "the id of an agency in the directory",
    "actor": "who acts: a destination's id, `console`, or `operator`",
    "service": "the service that is asked to act, or that buried the letter",
    "referral_id": "the referral's id",
    "quarantine_id": "the quarantine item's id",
    "action_id": "the action's id, which its sender chose",
}


@dataclass(frozen=True)
class Described:
    """One kind of message: its subject with `{key}` for each key, what it says, and the type of its body."""

    template: str
    description: str
    body: Any
    content_type: str = "application/json"

    @property
    def stem(self) -> str:
        """What its subject begins with: `<noun>.<past participle>.v<major>`."""
        return ".".join(self.template.split(".")[:3])

    def address(self, pattern: str) -> str:
        """The part of the template that a subject pattern takes: a key that the pattern fixes, but for the lane, stands as it is."""
        words = zip(self.template.split("."), pattern.split("."), strict=True)
        return ".".join(key if word == "*" or key == "{lane}" else word for key, word in words)


_SUBMISSION = """Raw input of an agency's own system, or intake's chunk of a batch: a referral in native JSON, or a CSV file.

The header `Content-Type` says which. The publisher's receipt from JetStream is the receipt; what cannot be read goes to quarantine.
"""
_LETTER = """A message that could not be handled, kept until an operator decides: where it stood, why it failed, and when.

`body` is base64, and null where the message could not be read, for it may then hold what nobody may read.
"""

MESSAGES: dict[str, Described] = {
    described.stem: described
    for described in (
        *(
            Described(event.subject_template, cleandoc(event.__doc__ or ""), cloud_event_of(event), content_type=CONTENT_TYPE)
            for event in PUBLISHED
        ),
        Described(submission_subject("{lane}", "{agency}"), cleandoc(_SUBMISSION), bytes, content_type="application/octet-stream"),
        Described(answer_subject("{actor}", "{action_id}"), cleandoc(ActionAnswered.__doc__ or ""), ActionAnswered),
        Described("letter.buried.v1.{service}", cleandoc(_LETTER), dict[str, Any]),
    )
}


def described(patterns: Iterable[str]) -> list[tuple[Described, str]]:
    """The messages behind subject patterns, each with its address. Patterns of anything else (queries) are passed over."""
    known = ((MESSAGES.get(".".join(pattern.split(".")[:3])), pattern) for pattern in patterns)
    return [(message, message.address(pattern)) for message, pattern in known if message is not None]
