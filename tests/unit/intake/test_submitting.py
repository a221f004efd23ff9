"""What `fingerpost submit` sends, as whom and where: said before anything is sent."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from fingerpost_intake import submitting
from fingerpost_intake.submitting import Format, to_send
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.found_system import FoundSystem


def a_system(*agencies: str) -> FoundSystem:
    return FoundSystem("http://127.0.0.1:9", "nats://127.0.0.1:9", {"agencies": {name: {"api_key": "k"} for name in agencies}})


def submit(monkeypatch: pytest.MonkeyPatch, system: FoundSystem, *arguments: str) -> Result:
    monkeypatch.setattr(submitting, "find_system", lambda _data: system)
    return CliRunner().invoke(submitting.app, ["submit", *arguments])


def written(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


def names(found: Any, folder: Path) -> list[tuple[str, str]]:
    return [(str(path.relative_to(folder)), kind) for path, kind in found]


def test_of_a_folder_only_known_files_go_and_never_keys_or_the_state_of_a_system(tmp_path: Path) -> None:
    written(tmp_path, "a.json", "b.CSV", "note.txt", "deeper/c.json", "keys/api-keys.json.txt", "deeper/keys/secret.json")
    written(tmp_path, "data/run.json", "data/keys/api-keys.json", "data/mail/1.json")

    assert names(to_send([tmp_path], None), tmp_path) == [("a.json", "json"), ("b.CSV", "csv"), ("deeper/c.json", "json")]


@pytest.mark.parametrize("folder", ["data", "data/mail", "data/keys", "empty", "keys"])
def test_a_folder_with_nothing_to_send_says_so(tmp_path: Path, folder: str) -> None:
    written(tmp_path, "data/run.json", "data/keys/api-keys.json", "data/mail/1.json", "empty/note.txt", "keys/a.json")

    with pytest.raises(CommandFailed, match="nothing to send"):
        list(to_send([tmp_path / folder], None))


@pytest.mark.parametrize("name", ["data/keys/credentials.json", "data/mail/1.json", "data/run.json", "keys/a.json"])
@pytest.mark.parametrize("form", [None, Format.json])
def test_a_named_file_of_a_systems_keys_or_state_is_refused(tmp_path: Path, name: str, form: Format | None) -> None:
    written(tmp_path, "data/run.json", "data/keys/api-keys.json", "data/keys/credentials.json", "data/mail/1.json", "keys/a.json")

    with pytest.raises(CommandFailed, match="which are never sent"):
        list(to_send([tmp_path / name], form))


def test_a_link_to_a_systems_keys_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "data/keys/api-keys.json", "data/keys/credentials.json")
    (tmp_path / "one.json").symlink_to(tmp_path / "data" / "keys" / "credentials.json")

    with pytest.raises(CommandFailed, match="which are never sent"):
        list(to_send([tmp_path / "one.json"], None))


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_standard_input_is_sent_where_its_format_is_said(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    posted: list[bytes] = []

    def post(*_arguments: Any, content: bytes, **_more: Any) -> httpx.Response:
        posted.append(content)
        return httpx.Response(202, json={"status": "accepted", "duplicate": True, "reference": "HC-1"})

    monkeypatch.setattr(httpx.Client, "post", post)
    monkeypatch.setattr(submitting, "find_system", lambda _data: a_system("police"))

    sent = CliRunner().invoke(submitting.app, ["submit", name, "--format", "json"], input='{"kinds": ["asb"]}')
    unsaid = CliRunner().invoke(submitting.app, ["submit", name], input="{}")

    assert (sent.exit_code, posted) == (0, [b'{"kinds": ["asb"]}'])
    assert "--format json or csv" in str(unsaid.exception)


def test_a_named_file_is_what_format_says(tmp_path: Path) -> None:
    written(tmp_path, "export.txt")

    assert names(to_send([tmp_path / "export.txt"], Format.csv), tmp_path) == [("export.txt", "csv")]


def test_every_name_is_looked_at_before_the_first_file_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "a.json", "note.txt")
    monkeypatch.setattr(httpx.Client, "post", lambda *_args, **_kwargs: pytest.fail("it was sent"))

    result = submit(monkeypatch, a_system("police"), str(tmp_path / "a.json"), str(tmp_path / "note.txt"))

    assert isinstance(result.exception, CommandFailed)
    assert "note.txt: its name does not say what it is" in str(result.exception)


def test_without_an_agency_it_is_sent_as_the_first_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "a.json")
    answer = httpx.Response(202, json={"status": "accepted", "duplicate": True, "reference": "HC-1"})
    monkeypatch.setattr(httpx.Client, "post", lambda *_args, **_kwargs: answer)

    result = submit(monkeypatch, a_system("police", "council"), str(tmp_path / "a.json"))

    assert result.exit_code == 0
    assert "1 of 1 taken, sent as council." in result.stderr


def test_an_agency_without_a_key_is_told_which_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "a.json")

    result = submit(monkeypatch, a_system("police", "council"), str(tmp_path / "a.json"), "--agency", "polise")

    assert isinstance(result.exception, CommandFailed)
    assert "there are council, police" in str(result.exception)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://", "127.0.0.1:8001", "http://a:b"])
def test_an_address_that_is_none_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    written(tmp_path, "a.json")

    result = submit(monkeypatch, a_system("police"), str(tmp_path / "a.json"), "--url", url)

    assert isinstance(result.exception, CommandFailed)
    assert f"{url!r} is no address of intake" in str(result.exception)


@pytest.mark.parametrize(
    ("help_text", "shown"),
    [
        ("Send JSON; it breaks off at line 2.", "the whole: expected JSON; it breaks off at line 2."),
        ("Tell the operator.", "the whole: expected JSON; it breaks off at line 2. Tell the operator."),
    ],
)
def test_what_was_expected_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, help_text: str, shown: str) -> None:
    written(tmp_path, "a.json")
    fault = {"pointer": "", "code": "malformed_json", "expected": "JSON; it breaks off at line 2", "help": help_text}
    answer = httpx.Response(400, content=json.dumps({"errors": [fault]}))
    monkeypatch.setattr(httpx.Client, "post", lambda *_args, **_kwargs: answer)

    result = submit(monkeypatch, a_system("police"), str(tmp_path / "a.json"))

    assert result.exit_code == 1
    assert result.stdout.splitlines()[1].strip() == shown
