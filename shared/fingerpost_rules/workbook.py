"""An Excel workbook as rows of words, whatever program wrote it; what is too big or broken is refused."""

import zlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from fingerpost_rules.errors import FileError, Unreadable

_LARGEST_UNPACKED = 60_000_000
_MOST_ROWS, _MOST_COLUMNS = 20_000, 500
_BROKEN = (BadZipFile, InvalidFileException, zlib.error, KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError, SyntaxError)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet; `number` counts from 1 as Excel does, texts have no blanks around them."""

    number: int
    texts: list[str]


def sheets_of(path: Path) -> dict[str, list[SheetRow]]:
    """The rows of each sheet that hold anything. Raises `Unreadable`."""
    try:
        _refuse_bomb(path)
        book = load_workbook(path, read_only=True)
        return {sheet.title: _rows(path, sheet) for sheet in book.worksheets}
    except OSError as error:
        raise _unreadable(path, f"Cannot be opened: {(error.strerror or str(error)).lower()}. Check the path.") from error
    except _BROKEN as error:
        raise _unreadable(path, "Not an Excel workbook, or a broken one. Save it as .xlsx and try again.") from error


def _rows(path: Path, sheet: Any) -> list[SheetRow]:
    found: list[SheetRow] = []
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), start=1):
        if number > _MOST_ROWS:
            raise _unreadable(path, f"More than {_MOST_ROWS} rows, which no rule set needs. Is it the right file?")
        texts = [_text(value) for value in row]
        if any(texts):
            found.append(SheetRow(number, texts))
    return found


def _text(value: Any) -> str:
    """A value as it was typed: Excel holds whole numbers as fractions, and dates as moments."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value).strip()


def _refuse_bomb(path: Path) -> None:
    with ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED:
            raise _unreadable(path, f"Larger than {_LARGEST_UNPACKED // 1_000_000} MB unpacked, which no rule set needs.")


def _unreadable(path: Path, message: str) -> Unreadable:
    return Unreadable((FileError(str(path), 1, message),))
