"""The demo's mail server, run as the program it is."""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from fingerpost_local.ports import free_port

from .conftest import eventually


class Catcher:
    """A running mail catcher."""

    def __init__(self, folder: Path) -> None:
        self.smtp_port, self.http_port = free_port(), free_port()
        module = [sys.executable, "-m", "fingerpost_local.mail_catcher", "--folder", str(folder)]
        ports = ["--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port)]
        self.process = subprocess.Popen([*module, *ports])
        deadline = time.monotonic() + 20
        while not self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.http_port}/readyz").is_success
        except httpx.TransportError:
            return False

    def messages(self, limit: int = 100) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.http_port}/messages", params={"limit": limit})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Catcher]]:
    started: list[Catcher] = []

    def begin() -> Catcher:
        started.append(Catcher(tmp_path / "mail"))
        return started[-1]

    yield begin
    for catcher in started:
        catcher.process.kill()
        catcher.process.wait()


def a_notice(n: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "fingerpost@csp.example", "desk@police.example"
    message["Subject"], message["Message-ID"] = f"Notice {n} – café", f"<{n}@csp.example>"
    message.set_content(f"Reference HC-{n} £5\n")
    return message


async def send(catcher: Catcher, count: int, first: int = 0) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=catcher.smtp_port)
    async with client:
        for n in range(first, first + count):
            await client.send_message(a_notice(n))


async def say(catcher: Catcher, *commands: bytes) -> list[bytes]:
    """What the catcher replies to commands that arrive in one piece, until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", catcher.smtp_port)
    writer.write(b"".join((b"EHLO here\r\n", *commands, b"QUIT\r\n")))
    replies = (await asyncio.wait_for(reader.read(), 10)).split(b"\r\n")
    writer.close()
    return [reply for reply in replies if reply[3:4] == b" "][2:]


async def test_messages_in_chunks_are_kept_and_one_without_a_recipient_is_not(start: Callable[[], Catcher]):
    catcher = start()
    envelope = b"RSET\r\nMAIL FROM:<fingerpost@csp.example>\r\n"
    message = b"Subject: one\r\n\r\n.\r\n"
    chunk = b"BDAT %d LAST\r\n%b" % (len(message), message)
    recipient = b"RCPT TO:<desk@police.example>\r\n"
    replies = await say(catcher, envelope, recipient, chunk, envelope, chunk, envelope, recipient, chunk)
    assert [int(reply[:3]) for reply in replies] == [250, 250, 250, 250, 250, 250, 503, 250, 250, 250, 250, 221]
    assert [message["subject"] for message in catcher.messages().json()] == ["one", "one"]


@pytest.mark.parametrize("sizes", [b"", b"many LAST", b"5", b"99999999 LAST"])
async def test_a_chunk_that_cannot_be_counted_ends_the_conversation(start: Callable[[], Catcher], sizes: bytes):
    replies = await say(start(), b"BDAT " + sizes + b"\r\nSubject: one\r\n")
    assert [reply[:3] for reply in replies] == [b"552"]


async def test_the_newest_message_comes_first_with_all_that_a_reader_needs(start: Callable[[], Catcher]):
    catcher = start()
    await send(catcher, 3)
    newest = catcher.messages().json()[0]
    assert newest.pop("received_at").endswith("+00:00")
    assert newest == {
        "from": "fingerpost@csp.example",
        "to": "desk@police.example",
        "subject": "Notice 2 – café",
        "message_id": "<2@csp.example>",
        "body": "Reference HC-2 £5\n",
    }


async def test_messages_survive_a_kill_and_a_half_written_line(start: Callable[[], Catcher], tmp_path: Path):
    catcher = start()
    await send(catcher, 2)
    catcher.process.kill()
    catcher.process.wait()
    with (tmp_path / "mail" / "mail.jsonl").open("a") as file:
        file.write('{"received_at": "2026-')
    catcher = start()
    await send(catcher, 1, first=2)
    answer = catcher.messages()
    assert [message["message_id"][1] for message in answer.json()] == ["2", "1", "0"]
    assert answer.headers["X-Total-Count"] == "3"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit another process")
async def test_what_a_full_disk_does_not_take_is_asked_for_again_later_and_not_kept_by_halves(start: Callable[[], Catcher], tmp_path: Path):
    catcher, mailbox = start(), tmp_path / "mail" / "mail.jsonl"
    await send(catcher, 1)
    before = resource.prlimit(catcher.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(catcher.process.pid, resource.RLIMIT_FSIZE, (mailbox.stat().st_size + 20, before[1]))
    with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
        await send(catcher, 1, first=1)
    assert refusal.value.code == 452
    resource.prlimit(catcher.process.pid, resource.RLIMIT_FSIZE, before)
    await send(catcher, 1, first=2)
    assert [json.loads(line)["content"].count("Message-ID: <2@") for line in mailbox.read_text().splitlines()] == [0, 1]
    assert catcher.messages().headers["X-Total-Count"] == "2"


async def test_it_keeps_up_with_a_burst_and_counts_everything(start: Callable[[], Catcher]):
    catcher = start()
    began = time.monotonic()
    await asyncio.gather(*(send(catcher, 150, first=n * 150) for n in range(8)))
    seconds = time.monotonic() - began
    answer = catcher.messages(limit=2000)
    assert answer.headers["X-Total-Count"] == "1200"
    assert len(answer.json()) == 1000
    assert seconds < 20, f"1,200 messages took {seconds:.1f} s"
    print(f"{1200 / seconds:.0f} messages/s")


async def test_it_ends_on_sigterm(start: Callable[[], Catcher]):
    catcher = start()
    catcher.process.terminate()
    assert await eventually(lambda: catcher.process.poll() is not None, 10)
