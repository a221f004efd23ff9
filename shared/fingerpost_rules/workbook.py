"""An Excel workbook as rows of words, whatever program wrote it; what is too big, broken, or could be read in two ways is refused."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.functions import iterparse

from fingerpost_rules.errors import FileError, Unreadable

_LARGEST_UNPACKED = 60_000_000
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS, _LAST_ROW = 20_000, 500, 10_000_000, 1_048_576
_BROKEN = (BadZipFile, InvalidFileException, zlib.error, KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError, SyntaxError)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet; `number` counts from 1 as Excel does, texts have no blanks around them."""

    number: int
    texts: list[str]


def sheets_of(path: Path, wanted: Collection[str]) -> dict[str, list[SheetRow]]:
    """The rows that hold anything of those wanted sheets that there are. Raises `Unreadable`."""
    try:
        _refuse_bomb(path)
        book = load_workbook(path, read_only=True)
        return {sheet.title: _rows(path, sheet) for sheet in book.worksheets if sheet.title in wanted}
    except OSError as error:
        raise _unreadable(path, f"Cannot be opened: {(error.strerror or str(error)).lower()}. Check the path.") from error
    except _BROKEN as error:
        raise _unreadable(path, "Not an Excel workbook, or a broken one. Save it as .xlsx and try again.") from error


def _rows(path: Path, sheet: Any) -> list[SheetRow]:
    _refuse_merged(path, sheet)
    sheet.reset_dimensions()  # a program may write them too small, and what lies beyond would be lost
    found: list[SheetRow] = []
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += len(row)
        texts = _without_the_empty_end([_text(path, sheet, cell) for cell in row])
        if cells > _MOST_CELLS or number > _LAST_ROW or (texts and (number > _MOST_ROWS or len(texts) > _MOST_COLUMNS)):
            message = f"Sheet '{sheet.title}': more than {_MOST_ROWS} rows or {_MOST_COLUMNS} columns, which no rule set needs."
            raise _unreadable(path, f"{message} Is it the right file?", number)
        if texts:
            found.append(SheetRow(number, texts))
    return found


def _refuse_merged(path: Path, sheet: Any) -> None:
    """Of merged cells only the first holds the text: a condition that spans two rules would be lost to the second."""
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            if element.tag.endswith("}mergeCell"):
                cells = str(element.get("ref"))
                message = f"Sheet '{sheet.title}': the cells {cells} are merged, so what each of them says is lost."
                raise _unreadable(path, f"{message} Unmerge them and write it in each.", range_boundaries(cells)[1] or 1)
            element.clear()


def _without_the_empty_end(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(path: Path, sheet: Any, cell: Any) -> str:
    """A value as it was typed: Excel holds whole numbers as fractions, and dates as moments."""
    if cell.data_type == "f":
        message = f"Sheet '{sheet.title}': {cell.coordinate} holds a formula. Write its result there instead."
        raise _unreadable(path, message, cell.row)
    match cell.value:
        case None:
            return ""
        case bool(value):
            return "true" if value else "false"
        case float(value) if value.is_integer():
            return str(int(value))
        case datetime() as value:
            return value.date().isoformat()
        case date() as value:
            return value.isoformat()
        case _:
            return str(cell.value).strip()


def _refuse_bomb(path: Path) -> None:
    with ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED:
            raise _unreadable(path, f"Larger than {_LARGEST_UNPACKED // 1_000_000} MB unpacked, which no rule set needs.")


def _unreadable(path: Path, message: str, row: int = 1) -> Unreadable:
    return Unreadable((FileError(str(path), row, message),))
