"""Addresses hold from one start to the next; a folder that cannot be used is told in a sentence."""

import json
import os
import socket
import subprocess
import sysconfig
from pathlib import Path

import pytest

from fingerpost_local.failure import CannotStart
from fingerpost_local.locking import locked
from fingerpost_local.ports import KeptPorts, free_port
from fingerpost_local.settings import read_settings


def test_a_port_is_the_same_at_the_next_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first = KeptPorts(tmp_path)
    chosen = {name: first.choose(name) for name in ("intake", "console")}
    again = KeptPorts(tmp_path)
    assert {name: again.choose(name) for name in ("intake", "console")} == chosen
    assert capsys.readouterr().err == ""


def test_a_port_that_somebody_else_took_is_replaced_and_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fingerpost_local.ports._PATIENCE_SECONDS", 0)
    was = KeptPorts(tmp_path).choose("console")
    with socket.create_server(("127.0.0.1", was)):
        now = KeptPorts(tmp_path).choose("console")
    assert now != was
    (line,) = capsys.readouterr().err.splitlines()
    assert all(word in line for word in ("console", str(was), str(now)))


def test_a_port_that_a_setting_fixes_wins_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    KeptPorts(tmp_path).choose("console")
    port = free_port()
    assert KeptPorts(tmp_path).choose("console", port) == port
    assert capsys.readouterr().err == ""


def test_another_port_is_none_that_one_of_ours_is_about_to_take_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ours = KeptPorts(tmp_path).choose("console")
    found = iter([ours, 5999])
    monkeypatch.setattr("fingerpost_local.ports.free_port", lambda: next(found))
    assert KeptPorts(tmp_path).choose("intake") == 5999


@pytest.mark.parametrize("written", ["80000", "0", "-1", "abc", "", "80.5"])
def test_a_port_that_can_be_none_is_told_with_its_setting(monkeypatch: pytest.MonkeyPatch, written: str):
    monkeypatch.setenv("FINGERPOST_CONSOLE_PORT", written)
    with pytest.raises(CannotStart) as caught:
        read_settings()
    assert str(caught.value) == f"FINGERPOST_CONSOLE_PORT is {written!r}: a port is a whole number from 1 to 65535."


def test_up_tells_it_in_a_sentence(tmp_path: Path):
    up = [str(Path(sysconfig.get_path("scripts")) / "fingerpost"), "up", "--data", str(tmp_path)]
    environment = {**os.environ, "FINGERPOST_CONSOLE_PORT": "80000", "FINGERPOST_NATS_PORT": "abc"}
    ended = subprocess.run(up, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert all(word in line for word in ("FINGERPOST_CONSOLE_PORT is '80000'", "FINGERPOST_NATS_PORT is 'abc'"))


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", json.dumps({"console": "x", "intake": 0, "nats": 70000})])
def test_a_damaged_record_of_ports_is_no_hindrance(tmp_path: Path, text: str):
    (tmp_path / "ports.json").write_text(text)
    assert 0 < KeptPorts(tmp_path).choose("console") <= 65535


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/nobody-may-write-here"])
def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, where: str):
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"^State cannot be kept in .*--data\.$") as caught, locked(tmp_path / where):
        pass
    assert caught.value.exit_code == 2
