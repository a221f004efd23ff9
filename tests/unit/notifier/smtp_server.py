"""A real SMTP server on loopback that behaves as it is told: it takes mail, refuses it, drops the line, or dawdles.

Like Postfix it takes groups of commands (RFC 2920), unless it is told not to, and has no DATA for an e-mail whose envelope it refused.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from ssl import SSLContext

GREETING, EHLO, MAIL, RCPT, DATA, CONTENT = "greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"
STARTTLS, GO_ON = "STARTTLS", "354"
_USUAL = {GREETING: "220 here", STARTTLS: "220 go on", EHLO: "250-here\r\n250-PIPELINING\r\n250 8BITMIME", DATA: "354 go on"}
ONE_BY_ONE = {EHLO: "250 here"}
DROP = "drop"
DAWDLE = "dawdle"


@dataclass
class SmtpServer:
    """Answers as usual but for what `answers` says of a step; what it says holds for the first `times` connections' such steps.

    It thinks for some `seconds` about each answer, and has no MAIL from who has not greeted it, within TLS anew.
    """

    answers: dict[str, str] = field(default_factory=dict[str, str])
    times: int = 1_000_000
    seconds: float = 0.0
    tls: SSLContext | None = None
    port: int = 0
    connections: int = 0
    lines: list[str] = field(default_factory=list[str])
    contents: list[bytes] = field(default_factory=list[bytes])
    was_hurried: bool = False  # whether a command ever came before the answer to the one before it
    _is_refused: bool = False
    _is_greeted: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self._is_greeted = False
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            goes_on = await self._answer(writer, GREETING)
            while goes_on and (line := await reader.readline()):
                self.lines.append(line.decode().rstrip())
                self.was_hurried |= bool(reader._buffer)  # type: ignore[attr-defined]
                goes_on = await self._command(line.decode().split()[0].upper(), reader, writer)
        writer.close()

    async def _command(self, word: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not await self._answer(writer, word):
            return False
        self._is_greeted = word == EHLO or (self._is_greeted and word != STARTTLS)
        if word == STARTTLS:
            assert self.tls is not None
            await writer.start_tls(self.tls)
        if word == DATA and not self._is_refused:
            self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
            return await self._answer(writer, CONTENT)
        return word != "QUIT"

    async def _answer(self, writer: asyncio.StreamWriter, step: str) -> bool:
        answer = self._answer_to(step)
        if step in self.answers and step != EHLO:
            self.times -= 1
        is_good = answer.startswith(GO_ON if step == DATA else "2")
        self._is_refused = step in (MAIL, RCPT, DATA) and (not is_good or (self._is_refused and step != MAIL))
        if answer == DROP:
            return False
        if answer == DAWDLE:
            await asyncio.sleep(30)
        await asyncio.sleep(self.seconds)
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return not answer.startswith("421")

    def _answer_to(self, step: str) -> str:
        usual = "503 no valid recipient" if step == DATA and self._is_refused else _USUAL.get(step, "250 fine")
        usual = "503 greet me first" if step == MAIL and not self._is_greeted else usual
        return self.answers.get(step, usual) if self.times > 0 else usual


@contextlib.asynccontextmanager
async def smtp_server(
    answers: dict[str, str] | None = None,
    times: int = 1_000_000,
    seconds: float = 0.0,
    tls: SSLContext | None = None,
    is_tls_from_the_first_byte: bool = False,
) -> AsyncGenerator[SmtpServer]:
    """The server, listening on a free port while the block runs."""
    mail = SmtpServer(answers or {}, times, seconds, tls)
    server = await asyncio.start_server(mail.serve, "127.0.0.1", 0, ssl=tls if is_tls_from_the_first_byte else None)
    mail.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mail
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
