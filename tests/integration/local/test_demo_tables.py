"""What the demo shows on a terminal of the usual width."""

import shlex
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from fingerpost_local.commands import _show_addresses
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


def test_no_path_and_no_address_is_broken_and_the_folder_is_named_for_the_other_commands():
    folder = Path("/home/somebody/[bold] a folder of referrals/which has a rather long name, as such folders have/state")
    servers = SimpleNamespace(
        nats_url="nats://127.0.0.1:4222", directory=folder, keys=SimpleNamespace(credentials=folder / "keys" / "credentials.json")
    )
    system: Any = SimpleNamespace(servers=servers, url=lambda name: f"http://127.0.0.1/{name}")
    console = Console(file=StringIO(), width=80)
    _show_addresses(console, system, catches_mail=True)
    lines: list[str] = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert any(line.endswith(f"their keys: {folder}/keys/credentials.json") for line in lines)
    assert f"State is in {folder}." in lines
    exported = next(line for line in lines if "FINGERPOST_DATA" in line).partition("export ")[2]
    assert shlex.split(exported) == [f"FINGERPOST_DATA={folder}"]
