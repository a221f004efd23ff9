"""`fingerpost example` and `fingerpost submit`: a valid referral to look at, and files sent through the front door."""

import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import track

from fingerpost_intake.samples import as_csv, sample
from fingerpost_intake.samples.referrals import KINDS
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.found_system import DataOption, find_system

app = typer.Typer()
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv"}
STANDARD_INPUT = ("-", "/dev/stdin")
_SENT_WHOLE = ("accepted", "duplicate", "updated", "withdrawn")


class Format(StrEnum):
    """The formats of files that can be sent."""

    json = "json"
    csv = "csv"


@dataclass(frozen=True)
class Result:
    """What became of a file, or of a row of it."""

    file: str
    row: int | None
    status: str
    reference: str | None
    reasons: tuple[str, ...]


@app.command()
def example(
    kind: Annotated[str | None, typer.Argument(help="What it is about, such as hate_crime; any when left out.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.json,
    seed: Annotated[int | None, typer.Option(help="The same number gives the same referral again.")] = None,
) -> None:
    """Print a valid sample referral about invented people, another one at each call.

    Example: fingerpost example hate_crime > referral.json
    """
    if kind is not None and kind not in KINDS:
        raise CommandFailed(f"There is no sample of the kind {kind!r}; there are {', '.join(KINDS)}.")
    number = secrets.randbelow(1_000_000) if seed is None else seed
    referral = sample(kind or KINDS[number % len(KINDS)], number)
    if seed is None:
        referral["agency_reference"] += f"-{number}"
    text = json.dumps(referral, indent=2, ensure_ascii=False) + "\n" if form is Format.json else as_csv([referral])
    sys.stdout.write(text)


@app.command()
def submit(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files; folders, of which .json and .csv go; - for standard input. Never keys.")
    ],
    agency: Annotated[str | None, typer.Option(help="The agency that sends; else the first by name, which is said.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="What the files are, where their names do not say.")] = None,
    url: Annotated[str | None, typer.Option(help="Intake's address, where it is not the running system's.")] = None,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines and nothing else.")] = False,
) -> None:
    """Send files through the front door; says for each file or row what became of it. Exit 1 when something was not taken.

    Example: fingerpost submit referral.json --agency police
    """
    system = find_system(data)
    sender = _sender(agency, system.api_keys)
    headers = {"Authorization": f"Bearer {system.api_keys[sender]}"}
    found = list(to_send(files, form))
    results: list[Result] = []
    with httpx.Client(base_url=_address(url or system.intake), headers=headers, timeout=120) as client:
        for path, kind in track(found, "Sending…", console=Console(stderr=True), disable=as_json or len(found) < 2, transient=True):
            for result in _send(client, path, kind):
                results.append(result)
                _show(result, as_json)
    if not as_json:
        print(f"{sum(r.status in _SENT_WHOLE for r in results)} of {len(results)} taken, sent as {sender}.", file=sys.stderr)
    if any(result.status not in _SENT_WHOLE for result in results):
        raise typer.Exit(1)


def _sender(agency: str | None, keys: Any) -> str:
    if agency is None:
        return min(keys)
    if agency not in keys:
        raise CommandFailed(f"There is no key of an agency {agency!r}; there are {', '.join(sorted(keys))}.")
    return agency


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise CommandFailed(f"{url!r} is no address of intake; write one such as http://127.0.0.1:8001.")
    return address


def to_send(paths: Sequence[Path], form: Format | None) -> Iterator[tuple[Path, str]]:
    """Each file with its kind: those named as they are, and those below a folder whose ending says what they are.

    Nothing of a folder `keys` or of one where a system keeps its state; who names a file of those is refused. Raises `CommandFailed`: read
    all of it before sending any.
    """
    for path in paths:
        if path.is_dir():
            below = sorted(file for file in _below(path) if _kind(file) in CONTENT_TYPES)
            if not below:
                raise CommandFailed(f"There is nothing to send in {path}: no .json or .csv file but keys or a system's state.")
            yield from ((file, _kind(file)) for file in below)
        elif str(path) in STANDARD_INPUT:
            if form is None:
                raise CommandFailed(f"Say what standard input holds with --format {' or '.join(CONTENT_TYPES)}.")
            yield path, form.value
        elif not path.is_file():
            raise CommandFailed(f"There is no file {path}.")
        elif _is_of_a_system(path.resolve().parent):
            raise CommandFailed(f"{path} lies among a system's keys or state, which are never sent; move it elsewhere if it is a referral.")
        elif form is None and _kind(path) not in CONTENT_TYPES:
            raise CommandFailed(f"{path}: its name does not say what it is; say it with --format {' or '.join(CONTENT_TYPES)}.")
        else:
            yield path, form.value if form else _kind(path)


def _kind(path: Path) -> str:
    return path.suffix.lstrip(".").lower()


def _below(folder: Path) -> Iterator[Path]:
    """Every file below a folder that may hold what is to be sent."""
    if _is_of_a_system(folder.resolve()):
        return
    for inner, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "keys" and not _keeps_state(Path(inner, name))]
        yield from (Path(inner, name) for name in names)


def _is_of_a_system(folder: Path) -> bool:
    """Whether a folder holds keys, or is or lies in one where a system keeps its state."""
    return folder.name == "keys" or any(map(_keeps_state, (folder, *folder.parents)))


def _keeps_state(folder: Path) -> bool:
    """Whether `fingerpost up` keeps, or kept, its state there."""
    return os.path.exists(folder / "keys" / "api-keys.json")  # False, where Path's own would raise, for a folder that is closed to us


def _send(client: httpx.Client, path: Path, kind: str) -> Iterator[Result]:
    content = sys.stdin.buffer.read() if str(path) in STANDARD_INPUT else path.read_bytes()
    try:
        answer = client.post(
            "/v1/referrals" if kind == "json" else "/v1/batches", content=content, headers={"Content-Type": CONTENT_TYPES[kind]}
        )
        body = answer.json()
    except (httpx.TransportError, ValueError) as error:
        raise CommandFailed(f"Intake at {client.base_url} did not answer ({type(error).__name__}); is the system running?") from None
    if answer.status_code == 503:
        raise CommandFailed(f"{path}: {body.get('detail')}")
    if not answer.is_success:
        yield Result(str(path), None, "refused", None, tuple(_reasons(body, content)) or (str(body.get("detail")),))
    elif kind == "csv":
        for row in _rows(client, path, body):
            yield Result(str(path), row["row"], _status(client, row), row.get("reference") or row.get("quarantine"), _row_reasons(row))
    else:
        yield Result(str(path), None, _status(client, body), body["reference"], tuple(_reasons(body, content)))


def _rows(client: httpx.Client, path: Path, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of each row of a batch; that of a large one stands in its report."""
    if "report" not in answer["links"]:
        return answer["rows"]
    report = client.get(answer["links"]["report"])
    if not report.is_success:
        raise CommandFailed(f"{path}: it was taken, but its report cannot be read just now; the same file again makes no second referral.")
    return report.json()["rows"]


def _status(client: httpx.Client, taken: dict[str, Any]) -> str:
    """What intake says, and for what it took whether it changed a referral that was there."""
    if taken["status"] != "accepted" or taken.get("duplicate"):
        return "duplicate" if taken.get("duplicate") else taken["status"]
    known = client.get(f"/v1/referrals/{taken['id']}")
    if known.is_success and known.json()["status"] == "withdrawn":
        return "withdrawn"
    return "updated" if known.is_success and known.json()["version"] > 1 else "accepted"


def _reasons(body: dict[str, Any], content: bytes) -> Iterator[str]:
    """Each fault in words, with the value that stands there: intake never shows it, but the file is at hand here."""
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    for fault in body.get("errors", []):
        at = fault["pointer"] or "the whole"
        yield f"{at}: {_value_at(value, fault['pointer'])}{_expectation(fault)}"


def _row_reasons(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"{fault['pointer'] or 'the row'}: {_expectation(fault)}" for fault in row.get("errors", []))


def _expectation(fault: dict[str, Any]) -> str:
    """What was expected, and the help where that says more than to send what was expected."""
    expected = f"expected {fault['expected']}."
    return expected if fault["help"] == f"Send {fault['expected']}." else f"{expected} {fault['help']}"


def _value_at(value: Any, pointer: str) -> str:
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]  # pyright: ignore[reportUnknownVariableType]
        except (KeyError, IndexError, ValueError, TypeError):
            return ""
    return f"found {json.dumps(value, ensure_ascii=False)[:80]}, " if pointer and value is not None else ""


def _show(result: Result, as_json: bool) -> None:
    if as_json:
        print(json.dumps({name: getattr(result, name) for name in ("file", "row", "status", "reference", "reasons")}))
        return
    where = f"{result.file} row {result.row}" if result.row else result.file
    print(f"{where}: {result.status}{f' {result.reference}' if result.reference else ''}")
    for reason in result.reasons:
        print(f"    {reason}")
