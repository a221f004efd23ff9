"""Codes in plain words: why something is in quarantine, and why an alert failed. A code without words here is shown as it is written."""

from collections.abc import Mapping

from fingerpost_console.domain.names import in_words
from fingerpost_shared.contracts.events import Reason

QUARANTINE_WORDS: Mapping[str, str] = {}
FAILURE_WORDS: Mapping[str, str] = {}


def reason_in_words(reason: Reason) -> str:
    """Why something could not be understood, and where it stood."""
    words = QUARANTINE_WORDS.get(reason.code) or in_words(reason.code)
    return f"{words} (at {reason.pointer})" if reason.pointer else words


def failure_in_words(code: str | None) -> str:
    """Why an alert could not be delivered."""
    return (FAILURE_WORDS.get(code) or in_words(code)) if code else ""
