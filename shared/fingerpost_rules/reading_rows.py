"""Reads the rows of a rule set: one rule, one `must_hold` sentence, and the words that both are made of."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import cast

from fingerpost_rules.conditions import Condition, read_condition
from fingerpost_rules.facts import Facts
from fingerpost_rules.names import Names
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.reading import Place
from fingerpost_rules.rows import CLAIMS, Feedback, Limit, Rule, Sentence, Then
from fingerpost_rules.source import Items, Node, Table, Text

_RULE_KEYS = ("id", "title", "when", "then", "overrides", "because")
_THEN_KEYS = ("lead", "band", "also", "copy", "alert", "within", "tag", "feedback")
_PROSE_KEYS = ("title", "because")
_ID = re.compile(r"[A-Z]{2,4}-[0-9]+")
_LIMIT = re.compile(r"([1-9][0-9]{0,5})([hd])")
_SENTENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")

Written = dict[str, tuple[Text, Node]]


def read_limit(place: Place, key: Text, node: Node) -> Limit | None:
    """A time limit such as `24h` (hours) or `5d` (working days)."""
    text = place.text(key, node)
    match = _LIMIT.fullmatch(text) if text is not None else None
    if match is not None:
        return Limit(int(match[1]), "h" if match[2] == "h" else "d")
    if text is not None:
        place.error(node.line, f"'{key.value}' is {shown(text)}, which is no time limit. Write e.g. 24h (hours) or 5d (working days).")
    return None


@dataclass(frozen=True)
class RowReader:
    """Reads rows that may name these facts, bands and tags, and where the directory is known, these names."""

    facts: Facts
    names: Names | None
    bands: Collection[str]
    tags: Collection[str]

    def rule(self, place: Place, number: int) -> Rule:
        """A rule; what could not be read is noted and left empty."""
        place = _without_cut_prose(_named(place, number))
        keys = place.keys(_RULE_KEYS, required=("id", "title", "when", "then", "because"))
        rule_id = place.text(*keys["id"]) if "id" in keys else None
        if rule_id is not None and not _ID.fullmatch(rule_id):
            place.error(keys["id"][1].line, f"the id {shown(rule_id)} must be two to four capitals, a hyphen and a number, such as DA-05.")
        return Rule(
            id=rule_id or "",
            title=(place.text(*keys["title"]) if "title" in keys else None) or "",
            condition=self._condition(place, keys),
            then=self._then(place, keys),
            overrides=tuple(word.value for word in place.words(*keys["overrides"])) if "overrides" in keys else (),
            because=(place.text(*keys["because"]) if "because" in keys else None) or "",
            line=place.table.line,
        )

    def sentence(self, place: Place, number: int) -> Sentence:
        """A `must_hold` sentence; what could not be read is noted and left out."""
        place = _named(place, number)
        keys = place.keys(("id", "when", *CLAIMS), required=("id", "when"))
        sentence_id = place.text(*keys["id"]) if "id" in keys else None
        if sentence_id is not None and not _SENTENCE_ID.fullmatch(sentence_id):
            place.error(keys["id"][1].line, f"the id {shown(sentence_id)} must be one word, such as M1.")
        claims = [(claim, self._claimed(place, claim, *keys[claim])) for claim in CLAIMS if claim in keys]
        if not claims:
            place.error(place.table.line, f"says nothing that must hold. Write one or more of {', '.join(CLAIMS)}.")
        sound = tuple((claim, value) for claim, value in claims if value is not None)
        return Sentence(sentence_id or "", self._condition(place, keys), sound, place.table.line)

    def owner(self, place: Place, key: Text, node: Node) -> str | None:
        """A destination that may own a case: casework or tactical."""
        text = place.text(key, node)
        return text if text is not None and self.may_own(place, Text(text, node.line)) else None

    def _lead(self, place: Place, key: Text, node: Node) -> str | None:
        if isinstance(node, Items):
            place.error(node.line, "'lead' names one group, without brackets: one group leads. Put the others under 'also'.")
            return None
        return self.owner(place, key, node)

    def may_own(self, place: Place, word: Text) -> bool:
        """Whether `word` names a destination that may own a case; if not, that is noted."""
        if not self._is_destination(place, word):
            return False
        if self.names is not None and self.names.destinations[word.value] == "strategic":
            place.error(word.line, f"'{word.value}' is a strategic board, which cannot own a case. Put it under 'copy'.")
            return False
        return True

    def _condition(self, place: Place, keys: Written) -> Condition:
        when = place.within(*keys["when"], name=place.name) if "when" in keys else None
        return read_condition(when, self.facts) if when is not None else Condition({})

    def _then(self, place: Place, keys: Written) -> Then:
        inner = place.within(*keys["then"], name=place.name) if "then" in keys else None
        if inner is None:
            return Then()
        if all(isinstance(node, Items) and not node.items for _, node in inner.table.entries):
            place.error(keys["then"][0].line, "'then' is empty, so the rule would do nothing. Say what it gives.")
        given = inner.keys(_THEN_KEYS)
        if "lead" in given and "band" not in given:
            place.error(place.table.line, "'band' is missing. A rule that names a lead gives a band too.")
        return Then(
            lead=self._lead(inner, *given["lead"]) if "lead" in given else None,
            band=inner.one_of(*given["band"], known=self.bands) if "band" in given else None,
            also=self._words(inner, given, "also", self.may_own),
            copy=self._words(inner, given, "copy", self._is_destination),
            alert=self._words(inner, given, "alert", self._is_agency),
            within=read_limit(inner, *given["within"]) if "within" in given else None,
            tag=self._words(inner, given, "tag", self._is_tag),
            feedback=_feedback(inner, given),
        )

    def _words(self, place: Place, given: Written, part: str, is_known: Callable[[Place, Text], bool]) -> tuple[str, ...]:
        words = place.words(*given[part]) if part in given else ()
        return tuple(word.value for word in words if is_known(place, word))

    def _claimed(self, place: Place, claim: str, key: Text, node: Node) -> str | None:
        text = place.text(key, node)
        if text is None:
            return None
        word = Text(text, node.line)
        if claim == "band_at_least":
            return place.one_of(key, node, known=self.bands)
        if claim == "alerts":
            is_known = self._is_agency(place, word, "'owned_by' or 'copied_to'")
        elif claim == "never_sent_to":
            is_known = self._is_either(place, word)
        else:
            is_known = self._is_destination(place, word, "'alerts'")
        return text if is_known else None

    def _is_destination(self, place: Place, word: Text, agencies_stand: str = "'alert'") -> bool:
        if self.names is None or word.value in self.names.destinations:
            return True
        advice = self.names.destination_hint(word.value, agencies_stand)
        place.error(word.line, f"unknown destination {shown(word.value)}.{advice}")
        return False

    def _is_agency(self, place: Place, word: Text, destinations_stand: str = "'also' or 'copy'") -> bool:
        if self.names is None or word.value in self.names.agencies:
            return True
        advice = self.names.agency_hint(word.value, destinations_stand)
        place.error(word.line, f"unknown agency {shown(word.value)}.{advice}")
        return False

    def _is_either(self, place: Place, word: Text) -> bool:
        if self.names is None:
            return True
        return _is_known(place, word, {*self.names.destinations, *self.names.agencies}, "destination or agency")

    def _is_tag(self, place: Place, word: Text) -> bool:
        return _is_known(place, word, self.tags, "tag")


def _feedback(place: Place, given: Written) -> Feedback | None:
    return cast("Feedback | None", place.one_of(*given["feedback"], known=("received", "full"))) if "feedback" in given else None


def _is_known(place: Place, word: Text, known: Collection[str], kind: str) -> bool:
    if word.value in known:
        return True
    place.error(word.line, f"unknown {kind} {shown(word.value)}.{hint(word.value, sorted(known))}")
    return False


def _named(place: Place, number: int) -> Place:
    written = place.table.get("id")
    is_usable = isinstance(written, Text) and 0 < len(written.value) <= 40
    return replace(place, name=written.value if isinstance(written, Text) and is_usable else f"{place.name} {number}")


def _without_cut_prose(place: Place) -> Place:
    """Takes out the pieces that YAML cut off a title or a reason at a comma, and notes each: they are no keys."""
    kept: list[tuple[Text, Node]] = []
    prose: str | None = None
    for key, node in place.table.entries:
        is_piece = " " in key.value or (isinstance(node, Text) and not node.value)
        if prose is None or key.value in _RULE_KEYS or not is_piece:
            kept.append((key, node))
            prose = key.value if key.value in _PROSE_KEYS else None
        else:
            place.error(key.line, f"'{prose}' is cut off before {shown(key.value)} by a comma or colon. Put it in quotes.")
    return replace(place, table=Table(tuple(kept), place.table.line))
