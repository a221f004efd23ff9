"""A rule set as an Excel workbook that coordinators edit, and back, without loss.

One row a rule; an alternative of `any_of` is a row of its own below it, with "or" for its id. An empty cell or `-` means anything.
Beside the sheets that are read back stand those that help whoever edits them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import IllegalCharacterError

from fingerpost_rules.conditions import ANY_OF
from fingerpost_rules.errors import FileError, Unreadable
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.rows import CLAIMS
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.sheet_aids import WHEN, fact_rows, finding_rows, offer_choices
from fingerpost_rules.workbook import SheetRow, sheets_of
from fingerpost_rules.writing import Words, as_words

ABOUT, RULES, MUST_HOLD = "About", "Rules", "Must hold"
FACTS, FINDINGS = "Facts", "Findings"
OR = "or"

_ANYTHING = ("", "-")
_SINGLE = ("ruleset", "title", "facts_version", "effective_from")
_THEN = ("lead", "band", "also", "copy", "alert", "within", "tag", "feedback")
_THEN_LISTS = ("also", "copy", "alert", "tag")
_WIDTHS = {"title": 40, "because": 60, "id": 9, "values": 60, "what is wrong": 60, "where": 80, "example": 80}

Row = Sequence[str]


def write_sheet(rule_set: RuleSet, path: Path) -> None:
    """Writes the workbook. Raises `Unreadable` when a text holds a sign that Excel cannot keep."""
    words = as_words(rule_set)
    rules, sentences = words["rules"], words.get("must_hold", [])
    book = Workbook()
    book.remove(book.worksheets[0])
    try:
        _add_sheet(book, ABOUT, _about_rows(words))
        _add_sheet(book, RULES, _rule_rows(rules, _facts_in(rules, rule_set.facts.names)))
        _add_sheet(book, MUST_HOLD, _sentence_rows(sentences, _facts_in(sentences, rule_set.facts.names)))
        _add_sheet(book, FACTS, fact_rows(rule_set))
        _add_sheet(book, FINDINGS, finding_rows(rule_set))
        offer_choices(book, rule_set, (RULES, MUST_HOLD))
    except IllegalCharacterError as error:
        message = "A text holds a control character, which Excel cannot keep. Take it out."
        raise Unreadable((FileError(rule_set.file, 1, message),)) from error
    book.save(path)


def read_sheet(path: Path) -> Words:
    """What the workbook says, as the words of a rule-set file. Raises `Unreadable` for what is no such workbook; whether its
    words mean anything is for the reading of rule sets to say."""
    sheets = sheets_of(path, (ABOUT, RULES, MUST_HOLD))
    for name in (ABOUT, RULES, MUST_HOLD):
        if name not in sheets:
            raise _fault(path, 1, f"There is no sheet '{name}'. Make the workbook with `fingerpost rules sheet RULES OUT.xlsx`.")
    words = _about(path, sheets[ABOUT])
    words["rules"] = _with_alternatives(path, sheets[RULES], _rule)
    sentences = _with_alternatives(path, sheets[MUST_HOLD], _sentence)
    return words | ({"must_hold": sentences} if sentences else {})


# Writing


def _facts_in(rows: Iterable[Words], names: Iterable[str]) -> list[str]:
    used = {fact for row in rows for cells in _conditions(row) for fact in cells}
    return [name for name in names if name in used]


def _conditions(row: Words) -> list[dict[str, str]]:
    """The cells of a row, and then those of each of its alternatives."""
    always = {name: cell for name, cell in row["when"].items() if name != ANY_OF}
    return [always, *row["when"].get(ANY_OF, [])]


def _about_rows(words: Words) -> Iterator[Row]:
    yield ["what", "value", "limit or band"]
    yield from ([key, str(words[key])] for key in _SINGLE)
    yield from (["band", band, limit] for band, limit in words["bands"].items())
    yield ["lead_order", ", ".join(words["lead_order"])]
    yield ["unrouted", words["unrouted"]["lead"], words["unrouted"]["band"]]
    yield ["tags", ", ".join(words["tags"])]


def _rule_rows(rules: Iterable[Words], facts: list[str]) -> Iterator[Row]:
    yield ["id", "title", *(WHEN + fact for fact in facts), *_THEN, "overrides", "because"]
    for rule in rules:
        always, *alternatives = _conditions(rule)
        given = [_joined(rule["then"].get(part, "")) for part in _THEN]
        yield [rule["id"], rule["title"], *_cells(always, facts), *given, _joined(rule.get("overrides", "")), rule["because"]]
        yield from ([OR, "", *_cells(cells, facts)] for cells in alternatives)


def _sentence_rows(sentences: Iterable[Words], facts: list[str]) -> Iterator[Row]:
    yield ["id", *(WHEN + fact for fact in facts), *CLAIMS]
    for sentence in sentences:
        always, *alternatives = _conditions(sentence)
        yield [sentence["id"], *_cells(always, facts), *(sentence.get(claim, "") for claim in CLAIMS)]
        yield from ([OR, *_cells(cells, facts)] for cells in alternatives)


def _cells(cells: dict[str, str], facts: list[str]) -> Row:
    return [cells.get(fact, "") for fact in facts]


def _joined(what: str | list[str]) -> str:
    return ", ".join(what) if isinstance(what, list) else what


def _add_sheet(book: Workbook, title: str, rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = text or None
            if text:
                cell.data_type = "s"  # a text that begins with '=' is no formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for cell in sheet[1]:
        sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(str(cell.value), 18)


# Reading back


def _about(path: Path, rows: list[SheetRow]) -> Words:
    words: Words = {"bands": {}, "lead_order": [], "tags": []}
    seen: set[str] = set()
    for row in rows[1:]:
        key, value, more = (*row.texts, "", "", "")[:3]
        entry = f"{key} {value}" if key == "band" else key
        if entry in seen:
            raise _fault(path, row.number, f"Sheet '{ABOUT}': {shown(entry)} is written twice. Keep one row of it.")
        seen |= {entry} - {""}
        if key in _SINGLE:
            words[key] = value
        elif key == "band":
            words["bands"][value] = more
        elif key in ("lead_order", "tags"):
            words[key] = _split(value)
        elif key == "unrouted":
            words["unrouted"] = {"lead": value, "band": more}
        elif key:
            known = (*_SINGLE, "band", "lead_order", "unrouted", "tags")
            raise _fault(path, row.number, f"Sheet '{ABOUT}': unknown entry {shown(key)}.{hint(key, known)}")
    return words


def _with_alternatives(path: Path, rows: list[SheetRow], read: Any) -> list[Words]:
    """The rows below the heading, each "or" row joined to the one that it belongs to."""
    found: list[Words] = []
    heading = rows[0].texts if rows else []
    twice = next((name for place, name in enumerate(heading) if name and name in heading[:place]), None)
    if twice is not None:
        raise _fault(path, rows[0].number, f"The heading {shown(twice)} is written twice. Keep one column of it.")
    for row in rows[1:]:
        texts = {name: text for name, text in zip_longest(heading, row.texts, fillvalue="") if text not in _ANYTHING}
        if "" in texts:
            raise _fault(path, row.number, f"{shown(texts[''])} stands in a column without a heading.")
        if texts.get("id", "").lower() != OR:
            found.extend([read(path, row, texts)] if texts else [])
        elif not found:
            raise _fault(path, row.number, "An 'or' row must stand below the row whose alternative it is.")
        else:
            _refuse_more_than_conditions(path, row, texts)
            found[-1]["when"].setdefault(ANY_OF, []).append(_when(texts))
    return found


def _rule(path: Path, row: SheetRow, texts: dict[str, str]) -> Words:
    _refuse_unknown(path, row, texts, ("id", "title", *_THEN, "overrides", "because"))
    given = {part: _split(texts[part]) if part in _THEN_LISTS else texts[part] for part in _THEN if part in texts}
    words: Words = {key: texts[key] for key in ("id", "title") if key in texts}
    words |= {"when": _when(texts), "then": given}
    words |= {"overrides": _split(texts["overrides"])} if "overrides" in texts else {}
    return words | ({"because": texts["because"]} if "because" in texts else {})


def _sentence(path: Path, row: SheetRow, texts: dict[str, str]) -> Words:
    _refuse_unknown(path, row, texts, ("id", *CLAIMS))
    claims = {claim: texts[claim] for claim in CLAIMS if claim in texts}
    return {**({"id": texts["id"]} if "id" in texts else {}), "when": _when(texts), **claims}


def _when(texts: dict[str, str]) -> Words:
    return {name.removeprefix(WHEN): text for name, text in texts.items() if name.startswith(WHEN)}


def _refuse_more_than_conditions(path: Path, row: SheetRow, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        if name != "id" and not name.startswith(WHEN):
            message = f"{shown(text)} stands under {shown(name)} of an 'or' row, which has conditions only. Write it in its rule's row."
            raise _fault(path, row.number, message)


def _refuse_unknown(path: Path, row: SheetRow, texts: dict[str, str], known: tuple[str, ...]) -> None:
    for name in texts:
        if name not in known and not name.startswith(WHEN):
            message = f"The heading {shown(name)} is not known; a fact's begins with 'when'.{hint(name, known)}"
            raise _fault(path, row.number, message)


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _fault(path: Path, row: int, message: str) -> Unreadable:
    return Unreadable((FileError(str(path), row, message),))
