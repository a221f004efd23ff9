"""Bad input as agencies send it: each must end in quarantine or in a refusal that says what to mend, never in silence."""

import csv
import io
import json
from typing import Any

from fingerpost_intake.samples.csv_layout import as_csv
from fingerpost_intake.samples.referrals import sample

CSV = "text/csv"
JSON = "application/json"


def messy_samples() -> list[tuple[str, str, bytes]]:
    """What is wrong, the content type, and the bytes."""
    return [
        ("a row that was filled in by half", CSV, _half_filled().encode()),
        ("a date that does not exist, 31/02/2026", CSV, _impossible_date().encode()),
        ("text in cp1252 under the label of UTF-8", f"{CSV}; charset=utf-8", _legacy_text().encode("cp1252")),
        ("a header with names that no column has", CSV, _wrong_header().encode()),
        ("an e-mail where JSON should be", JSON, b"Hi team, please see the attached form. Thanks, Ivy Placeholder"),
        ("JSON that stops in the middle", JSON, _cut_short()),
        ("a kind that could be either of two", JSON, _json(sample("other", 501) | {"kinds": ["abuse"]})),
        ("two DASH totals that disagree", JSON, _json(_contradiction())),
        ("a member whose name is misspelt", JSON, _json(sample("asb", 503) | {"narative": "Noise again."})),
    ]


def _half_filled() -> str:
    whole, half = sample("asb", 504), sample("domestic_abuse", 505)
    kept = {name: half[name] for name in ("agency_reference", "people")}
    return as_csv([whole, kept | {"kinds": []}])


def _impossible_date() -> str:
    return _with_cell(as_csv([sample("acquisitive", 506)]), "occurred_at", "31/02/2026 22:15")


def _legacy_text() -> str:
    return _with_cell(as_csv([sample("fraud", 507)]), "narrative", "She paid £400 – “just once” – at the café")


def _wrong_header() -> str:
    return "Ref No,Type of Concern,When?,Who\r\nA17,Neighbours,last Tuesday,Mr Notreal\r\n"


def _cut_short() -> bytes:
    whole = _json(sample("hate_crime", 508))
    return whole[: len(whole) * 2 // 3]


def _contradiction() -> dict[str, Any]:
    referral = sample("domestic_abuse", 509)
    referral["assessments"] = {"dash": {"total": 16}}
    referral["facts"]["dash_ticks"] = 6
    return referral


def _with_cell(text: str, column: str, cell: str) -> str:
    header, *rows = csv.reader(io.StringIO(text))
    rows[0][header.index(column)] = cell
    changed = io.StringIO()
    csv.writer(changed).writerows([header, *rows])
    return changed.getvalue()


def _json(referral: dict[str, Any]) -> bytes:
    return json.dumps(referral, ensure_ascii=False).encode()
