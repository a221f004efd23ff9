"""The nearest known word, for error messages that help."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_LONGEST_WORD = 60
_MANY = 12


def shown(text: str) -> str:
    """`text` in quotes, on one line and cut to a length that a person can read."""
    line = " ".join(text.split())
    return f"'{line[: _LONGEST_WORD - 1]}…'" if len(line) > _LONGEST_WORD else f"'{line}'"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, whatever its capitals and dashes, or none when nothing is near."""
    by_plain_form = {_plain(candidate): candidate for candidate in known}
    matches = get_close_matches(_plain(word[:_LONGEST_WORD]), by_plain_form, n=1, cutoff=0.5)
    return by_plain_form[matches[0]] if matches else None


def hint(word: str, known: Iterable[str]) -> str:
    """A sentence, with its leading blank, that offers the nearest known word, or else lists what is known."""
    words = list(known)
    match = nearest(word, words)
    if match is not None:
        return f" Did you mean '{match}'?"
    if not words:
        return ""
    if len(words) <= _MANY:
        return f" Known are: {', '.join(words)}."
    # the most alike first, so that a list that is cut still holds what was meant
    words.sort(key=lambda known: -SequenceMatcher(None, _plain(word[:_LONGEST_WORD]), _plain(known)).ratio())
    return f" Known are: {', '.join(words[:_MANY])}, …."


def _plain(word: str) -> str:
    return word.strip("“”‘’\"'`").casefold().replace("-", "_").replace(" ", "_")
