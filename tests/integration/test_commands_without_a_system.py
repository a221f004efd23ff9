"""The commands in a folder whose system was killed: `run.json` still says where it was, and nobody is there any more."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from fingerpost_local.keys import make_keys
from fingerpost_local.parties import Parties
from fingerpost_shared.contracts.ids import reference_of

PROGRAM = str(Path(sys.executable).parent / "fingerpost")
RULES = "config/herefordshire/rules.yaml"
HASH = "0" * 64
Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of a system that was killed."""
    keys = make_keys(tmp_path / "keys", Parties(agencies=("police",), destinations=("matac",)))
    write_run_file(tmp_path, 1, keys.credentials)
    return tmp_path


def write_run_file(folder: Path, nats_port: int, credentials: Path) -> None:
    addresses = {
        "intake": "http://127.0.0.1:1",
        "nats": f"nats://127.0.0.1:{nats_port}",
        "postgres": "postgresql://u:p@127.0.0.1:1/postgres",
    }
    (folder / "run.json").write_text(json.dumps({**addresses, "credentials": str(credentials), "timezone": "Europe/London"}))


async def fingerpost(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What became of the command. Half a minute is for a busy machine: it tried for two minutes."""
    told = {**os.environ, **environment}
    return await asyncio.to_thread(subprocess.run, [PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False, env=told)


def assert_one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2, result.stderr
    [line] = result.stderr.splitlines()
    assert line.startswith("fingerpost: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    "command",
    [
        ("status", reference_of(UUID(int=7), "HC")),
        ("reconcile",),
        ("rules", "list"),
        ("rules", "draft", RULES, "--by", "cora"),
        ("rules", "approve", HASH, "--by", "cora"),
        ("rules", "publish", HASH, "--by", "cora", "--from", "2030-07-01T09:00+01:00"),
        ("rules", "redecide"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
async def test_a_command_that_asks_over_nats_says_in_a_sentence_that_nobody_is_there(killed: Path, command: tuple[str, ...]) -> None:
    result = await fingerpost(*command, "--data", str(killed))
    assert_one_sentence(result, "NATS at nats://127.0.0.1:1 cannot be reached", "ConnectionRefusedError", "fingerpost up")


@pytest.mark.parametrize("command", [("preview", RULES), ("replay",)], ids=lambda command: command[0])
async def test_a_command_that_reads_the_database_says_so_too(killed: Path, command: tuple[str, ...]) -> None:
    result = await fingerpost("rules", *command, "--data", str(killed))
    assert_one_sentence(result, "The router's database cannot be read", "ConnectionRefusedError", "fingerpost up")


async def test_what_cannot_be_sent_is_not_sent(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("elsewhere") / "one.json"
    file.write_text("{}")
    result = await fingerpost("submit", str(file), "--agency", "police", "--data", str(killed))
    assert_one_sentence(result, "Intake at http://127.0.0.1:1 did not answer", "is the system running?")


async def test_streams_are_not_applied_to_a_server_that_is_not_there(killed: Path) -> None:
    seed = str(killed / "keys" / "nkeys" / "operator.seed")
    result = await fingerpost(
        *("streams", "apply"),
        FINGERPOST_NATS_URL="nats://127.0.0.1:1",
        FINGERPOST_NATS_SEED_FILE=seed,
        FINGERPOST_PARTNERSHIP_DIR="config/herefordshire",
    )
    assert_one_sentence(result, "NATS at nats://127.0.0.1:1 cannot be reached", "ConnectionRefusedError")


async def say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def speak_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


@pytest.fixture(params=[say_nothing, speak_http], ids=["says nothing", "speaks HTTP"])
async def other_port(request: pytest.FixtureRequest) -> AsyncGenerator[int]:
    """The port of a program that is no NATS server: it was given the port after the system was killed."""
    server = await asyncio.start_server(request.param, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_port_that_another_program_has_now_is_told_in_a_sentence_too(killed: Path, other_port: int) -> None:
    write_run_file(killed, other_port, killed / "keys" / "credentials.json")
    result = await fingerpost("reconcile", "--data", str(killed))
    assert_one_sentence(result, f"NATS at nats://127.0.0.1:{other_port} cannot be reached")
