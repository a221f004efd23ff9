"""Codes in plain words: why something is in quarantine, and why an alert failed. A code without words here is shown as it is written."""

import re
from collections.abc import Mapping

from fingerpost_console.domain.names import in_words
from fingerpost_shared.contracts.events import Reason

QUARANTINE_WORDS: Mapping[str, str] = {
    # the file or message as a whole
    "cell_count": "The row has more or fewer cells than the header",
    "duplicate_column": "A column is there twice",
    "duplicate_member": "A field is there twice",
    "empty_file": "The file is empty",
    "half_a_character": "The text holds half a character",
    "invalid_utf8": "The text is not in UTF-8",
    "long_column_name": "A column has too long a name",
    "malformed_csv": "The file is not a CSV that can be read",
    "malformed_json": "The message breaks off, or is not JSON",
    "missing_column": "A column that is needed is missing",
    "not_a_number": "It holds what is no number, or one too large",
    "not_handled": "Fingerpost could not handle it: tell whoever runs it",
    "nul_character": "The text holds characters that no text has",
    "too_complex": "It is nested or built in a way that is not taken",
    "too_deep": "It is nested too deeply",
    "too_many_columns": "The file has too many columns",
    "too_many_rows": "The file has too many rows",
    "too_many_values": "It holds far more than a referral has",
    "unknown_column": "A column is not known",
    "unknown_encoding": "The file's character encoding cannot be told",
    "unsupported_content_type": "Its content type is not one that is taken",
    # one field of it
    "bool_type": "It is neither yes nor no",
    "contradiction": "Two places contradict each other",
    "date_from_datetime_inexact": "It has a time where only a date can be",
    "date_from_datetime_parsing": "It is not a date",
    "date_parsing": "It is not a date",
    "date_type": "It is not a date",
    "datetime_from_date_parsing": "It is not a date and time",
    "datetime_parsing": "It is not a date and time",
    "datetime_type": "It is not a date and time",
    "dict_type": "It is not a group of named fields",
    "finite_number": "It is not a number",
    "float_parsing": "It is not a number",
    "float_type": "It is not a number",
    "greater_than_equal": "The number is too small",
    "in_the_future": "The date is in the future",
    "int_type": "It is not a whole number",
    "less_than_equal": "The number is too large",
    "list_type": "It is not a list",
    "literal_error": "It is not one of the values that are known here",
    "missing": "Something required is missing",
    "model_type": "It is not a group of named fields",
    "not_a_value": "It is not one of the values that are known here",
    "string_pattern_mismatch": "It is not written as it should be",
    "string_too_long": "The text is too long",
    "string_too_short": "The text is too short",
    "out_of_range": "It is a time that nobody can mean",
    "string_type": "It is not text",
    "timezone_aware": "The time lacks its time zone",
    "too_long": "The list is too long",
    "too_short": "The list is too short",
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
