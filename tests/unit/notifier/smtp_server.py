"""A real SMTP server on loopback that behaves as it is told: it takes mail, refuses it, drops the line, or dawdles.

Like Postfix it takes groups of commands (RFC 2920) and chunks (RFC 3030), unless it is told not to, has no content for an e-mail whose
envelope it refused, and no second MAIL before that transaction is reset.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from ssl import SSLContext

GREETING, EHLO, MAIL, RCPT, DATA, CONTENT = "greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"
STARTTLS, GO_ON, BDAT, RSET = "STARTTLS", "354", "BDAT", "RSET"
_USUAL = {
    GREETING: "220 here",
    STARTTLS: "220 go on",
    EHLO: "250-here\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME",
    DATA: "354 go on",
}
_COMMANDS = (EHLO, MAIL, RCPT, DATA, RSET, "QUIT")
IN_GROUPS = {EHLO: "250-here\r\n250-PIPELINING\r\n250 8BITMIME"}
ONE_BY_ONE = {EHLO: "250 here"}
DROP = "drop"
DAWDLE = "dawdle"


@dataclass
class SmtpServer:
    """Answers as usual but for what `answers` says of a step; what it says holds for `times` such steps, after the first `spares`.

    It thinks for some `seconds` about each answer, and has no MAIL from who has not greeted it, within TLS anew.
    """

    answers: dict[str, str] = field(default_factory=dict[str, str])
    times: int = 1_000_000
    spares: int = 0
    seconds: float = 0.0
    tls: SSLContext | None = None
    knows_chunks: bool = True  # or it says so and takes what it is sent for commands
    port: int = 0
    connections: int = 0
    lines: list[str] = field(default_factory=list[str])
    contents: list[bytes] = field(default_factory=list[bytes])
    has_content: asyncio.Event = field(default_factory=asyncio.Event)
    was_hurried: bool = False  # whether a command ever came before the answer to the one before it
    _is_refused: bool = False
    _is_open: bool = False  # an envelope was begun, and the transaction neither ended nor reset
    _is_greeted: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def url_by(self, scheme: str) -> str:
        """By the name that its certificate has."""
        return f"{scheme}://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self._is_greeted = self._is_open = False
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            goes_on = await self._answer(writer, GREETING)
            while goes_on and (line := await reader.readline()):
                self.lines.append(line.decode().rstrip())
                self.was_hurried |= bool(reader._buffer)  # type: ignore[attr-defined]
                goes_on = await self._command(line.decode().split() or [""], reader, writer)
        writer.close()

    async def _command(self, words: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        word = words[0].upper()
        if not self.knows_chunks and word not in _COMMANDS:
            writer.write(b"500 what\r\n")
            return True
        if word == BDAT:
            return await self._take(await reader.readexactly(int(words[1])), writer)
        if not await self._answer(writer, word):
            return False
        self._is_greeted = word == EHLO or (self._is_greeted and word != STARTTLS)
        if word == STARTTLS:
            assert self.tls is not None
            await writer.start_tls(self.tls)
        if word == DATA and not self._is_refused:
            return await self._take((await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), writer)
        return word != "QUIT"

    async def _take(self, content: bytes, writer: asyncio.StreamWriter) -> bool:
        if self._is_refused:
            return await self._answer(writer, BDAT)
        self.contents.append(content)
        self.has_content.set()
        self._is_open = False
        return await self._answer(writer, CONTENT)

    async def _answer(self, writer: asyncio.StreamWriter, step: str) -> bool:
        answer = self._answer_to(step)
        self._is_open = step != RSET and (step == MAIL or self._is_open)
        if step in self.answers and step != EHLO:
            self.spares, self.times = (self.spares - 1, self.times) if self.spares else (0, self.times - 1)
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
        usual = "503 no valid recipient" if step == BDAT else usual
        usual = "503 nested MAIL" if step == MAIL and self._is_open else usual
        usual = "503 greet me first" if step == MAIL and not self._is_greeted else usual
        return self.answers.get(step, usual) if self.times > 0 and (not self.spares or step == EHLO) else usual


@contextlib.asynccontextmanager
async def smtp_server(
    answers: dict[str, str] | None = None,
    times: int = 1_000_000,
    spares: int = 0,
    seconds: float = 0.0,
    tls: SSLContext | None = None,
    knows_chunks: bool = True,
    is_tls_from_the_first_byte: bool = False,
) -> AsyncGenerator[SmtpServer]:
    """The server, listening on a free port while the block runs."""
    mail = SmtpServer(answers or {}, times, spares, seconds, tls, knows_chunks)
    server = await asyncio.start_server(mail.serve, "127.0.0.1", 0, ssl=tls if is_tls_from_the_first_byte else None)
    mail.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mail
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
