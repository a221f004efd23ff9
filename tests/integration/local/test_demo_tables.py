"""The demo's table on a terminal of the usual width."""

from io import StringIO
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from fingerpost_local.outcome import referral_table
from fingerpost_local.settings import default_partnership_dir
from fingerpost_shared.contracts.directory import read_directory

DIRECTORY = read_directory(default_partnership_dir() / "directory.yaml")


def an_outcome(kinds: tuple[str, ...], agency: str, lead: str) -> Any:
    referral = SimpleNamespace(reference="HC-7K3MQ-2XD9F-W", kinds=kinds, agency=agency)
    legs = (SimpleNamespace(role="lead", destination=lead, band="P1"),)
    alerts = SimpleNamespace(alerts=(SimpleNamespace(state="sent"),) * 3)
    return SimpleNamespace(referral=referral, routing=SimpleNamespace(legs=legs), alerts=alerts)


def test_no_word_is_broken_at_80_columns():
    kinds = ("vulnerability", "substance_misuse", "organised_crime")
    found = [an_outcome(kinds, agency, lead) for agency in DIRECTORY.agencies for lead in DIRECTORY.destinations]
    console = Console(file=StringIO(), width=80)
    console.print(referral_table(found))
    words = set(console.file.getvalue().replace(",", " ").split())  # type: ignore[attr-defined]
    named = {word for name in (*kinds, *DIRECTORY.agencies, *DIRECTORY.destinations) for word in name.split("_")}
    assert named <= words
    assert "HC-7K3MQ-2XD9F-W" in words
