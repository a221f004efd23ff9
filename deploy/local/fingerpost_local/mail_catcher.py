"""A mail server for the demo that delivers nothing: it keeps every message in a file and shows the newest over HTTP.

Run as `python -m fingerpost_local.mail_catcher --smtp-port 2525 --http-port 8025 --folder DIR/mail`.
"""

import argparse
import asyncio
import errno
import json
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Any, cast

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

KEPT = 1000
MAX_MESSAGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caught:
    """A message as it came in. It is parsed only when somebody looks: catching must keep up with a load test."""

    received_at: str
    sender: str
    to: tuple[str, ...]
    content: str

    def shown(self) -> dict[str, Any]:
        """What a reader sees of it."""
        message = message_from_bytes(self.content.encode("latin-1"), policy=modern)
        body = message.get_body(preferencelist=("plain", "html"))
        return {
            "from": self.sender,
            "to": ", ".join(self.to),
            "subject": str(message.get("Subject", "")),
            "message_id": str(message.get("Message-ID", "")),
            "body": _text(body.get_payload(decode=True)) if body is not None else "",
            "received_at": self.received_at,
        }


class Mailbox:
    """Everything ever caught, one JSON line each in `folder`/mail.jsonl; the newest are kept in memory too."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "mail.jsonl"
        _drop_half_line(path)
        self.total = 0
        self.newest: deque[Caught] = deque(maxlen=KEPT)
        for caught in _read(path):
            self.total += 1
            self.newest.append(caught)
        self._file = path.open("ab", buffering=0)

    def add(self, caught: Caught) -> None:
        """Keep a message; it is in the file when this returns. Raises `OSError` where the disk is full, and then keeps none of it."""
        line = json.dumps(asdict(caught)).encode("ascii") + b"\n"
        size = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._file.truncate(size)
            raise
        self.total += 1
        self.newest.append(caught)


class Catcher:
    """The part that aiosmtpd calls for each message."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say that groups of commands (RFC 2920) and chunks (RFC 3030) are taken too."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-CHUNKING", responses[-1]]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message and accept it, or ask the sender to try again later (RFC 5321, 4.2.3)."""
        content = cast(bytes, envelope.content).decode("latin-1")
        received_at = datetime.now(UTC).isoformat()
        try:
            self._mailbox.add(Caught(received_at, envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        except OSError:
            return "452 Insufficient system storage"
        return "250 kept"


class ChunkTaker(SMTP):
    """aiosmtpd's server, which takes a message in one chunk too, as the servers do that agencies' mail goes through."""

    async def smtp_BDAT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's way to find the command
        """A message of so many bytes, which follow at once. Of what cannot be counted or is too large, nothing more is read."""
        size, _, last = (arg or "").partition(" ")
        if not size.isdecimal() or int(size) > MAX_MESSAGE_BYTES or last.strip().upper() != "LAST":
            await self.push(f"552 Syntax: BDAT size LAST, of at most {MAX_MESSAGE_BYTES} bytes")
            self._writer.close()
            return
        content = await self._reader.readexactly(int(size))
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        self.envelope.content = content
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)


def create_app(mailbox: Mailbox) -> Starlette:
    """`GET /messages`: a list, the newest first; the header `X-Total-Count` tells how many were ever caught."""

    async def messages(request: Request) -> JSONResponse:
        limit = request.query_params.get("limit", "100")
        if not limit.isdecimal():
            return JSONResponse({"error": "limit is how many messages to show, for example ?limit=20"}, 400)
        newest = list(mailbox.newest)[::-1][: int(limit)]
        return JSONResponse([caught.shown() for caught in newest], headers={"X-Total-Count": str(mailbox.total)})

    async def readyz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ready"})

    return Starlette(routes=[Route("/messages", messages), Route("/readyz", readyz)])


async def catch(folder: Path, smtp_port: int, http_port: int, host: str = "127.0.0.1") -> None:
    """Serve both ports until SIGTERM."""
    mailbox = Mailbox(folder)
    catcher = Catcher(mailbox)
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(
        lambda: ChunkTaker(catcher, data_size_limit=MAX_MESSAGE_BYTES, enable_SMTPUTF8=True, loop=loop), host, smtp_port
    )
    config = uvicorn.Config(create_app(mailbox), host=host, port=http_port, log_level="warning", access_log=False)
    async with mail:
        await uvicorn.Server(config).serve()


def _drop_half_line(path: Path) -> None:
    """A killed catcher may have left half a line; the sender never got an answer for it and sends it again."""
    if path.exists():
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            os.truncate(path, content.rfind(b"\n") + 1)


def _read(path: Path) -> Iterator[Caught]:
    if path.exists():
        with path.open(encoding="ascii") as lines:
            for line in lines:
                row: dict[str, Any] = json.loads(line)
                yield Caught(row["received_at"], row["sender"], tuple(row["to"]), row["content"])


def _text(payload: object) -> str:
    return payload.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(payload, bytes) else ""


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Catches the demo's mail.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 in a container")
    wanted = parser.parse_args()
    asyncio.run(catch(wanted.folder, wanted.smtp_port, wanted.http_port, wanted.host))


if __name__ == "__main__":
    main()
