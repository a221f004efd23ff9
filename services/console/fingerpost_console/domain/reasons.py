"""Codes in plain words: why something is in quarantine, and why an alert failed. A code without words here is shown as it is written."""

import re
from collections.abc import Mapping

from fingerpost_console.domain.names import in_words
from fingerpost_shared.contracts.events import Reason

QUARANTINE_WORDS: Mapping[str, str] = {
    # the file or message as a whole
    "cell_count": "The row has more or fewer cells than the header",
    "duplicate_column": "A column is there twice",
    "empty_file": "The file is empty",
    "invalid_utf8": "The text is not in UTF-8",
    "malformed_csv": "The file is not a CSV that can be read",
    "malformed_json": "The message breaks off, or is not JSON",
    "missing_column": "A column that is needed is missing",
    "not_handled": "Fingerpost could not handle it: tell whoever runs it",
    "nul_character": "The text holds characters that no text has",
    "too_complex": "It is nested or built in a way that is not taken",
    "too_deep": "It is nested too deeply",
    "unknown_column": "A column is not known",
    "unknown_encoding": "The file's character encoding cannot be told",
    "unsupported_content_type": "Its content type is not one that is taken",
    # one field of it
    "contradiction": "Two places contradict each other",
    "date_from_datetime_parsing": "It is not a date",
    "date_parsing": "It is not a date",
    "datetime_from_date_parsing": "It is not a date and time",
    "datetime_parsing": "It is not a date and time",
    "in_the_future": "The date is in the future",
    "missing": "Something required is missing",
    "not_a_value": "It is not one of the values that are known here",
    "string_too_long": "The text is too long",
    "timezone_aware": "The time lacks its time zone",
    "unknown_fact": "A fact is not known",
    "unknown_kind": "The kind of referral is not known",
    "unknown_member": "A field is not known",
    "unreadable_cell": "The cell cannot be read",
}
NO_CHANNEL = "no_channel"


def reason_in_words(reason: Reason) -> str:
    """Why something could not be understood, and where it stood."""
    words = QUARANTINE_WORDS.get(reason.code) or in_words(reason.code)
    return f"{words} (at {reason.pointer})" if reason.pointer else words


def failure_in_words(code: str | None) -> str:
    """Why an alert could not be delivered."""
    if not code:
        return ""
    if code == NO_CHANNEL:
        return "The directory has no way to reach them"
    if answer := re.fullmatch(r"smtp_(\d{3})", code):
        return f"The mail server refused it ({answer[1]})"
    return "The mail server could not be reached" if code.startswith("smtp_") else in_words(code)
