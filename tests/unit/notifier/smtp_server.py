"""A real SMTP server on loopback that behaves as it is told: it takes mail, refuses it, drops the line, or dawdles."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

GREETING, MAIL, RCPT, DATA, CONTENT = "greeting", "MAIL", "RCPT", "DATA", "content"
_USUAL = {DATA: "354 go on"}
DROP = "drop"
DAWDLE = "dawdle"


@dataclass
class SmtpServer:
    """Answers as usual but for what `answers` says of a step; what it says holds for the first `times` connections' such steps."""

    answers: dict[str, str] = field(default_factory=dict[str, str])
    times: int = 1_000_000
    port: int = 0
    connections: int = 0
    lines: list[str] = field(default_factory=list[str])
    contents: list[bytes] = field(default_factory=list[bytes])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            goes_on = await self._answer(writer, GREETING)
            while goes_on and (line := await reader.readline()):
                self.lines.append(line.decode().rstrip())
                goes_on = await self._command(line.decode().split()[0].upper(), reader, writer)
        writer.close()

    async def _command(self, word: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not await self._answer(writer, word):
            return False
        if word == DATA and self._answer_to(DATA).startswith("354"):
            self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
            return await self._answer(writer, CONTENT)
        return word != "QUIT"

    async def _answer(self, writer: asyncio.StreamWriter, step: str) -> bool:
        answer = self._answer_to(step)
        if step in self.answers:
            self.times -= 1
        if answer == DROP:
            return False
        if answer == DAWDLE:
            await asyncio.sleep(30)
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return not answer.startswith("421")

    def _answer_to(self, step: str) -> str:
        usual = _USUAL.get(step, "220 here" if step == GREETING else "250 fine")
        return self.answers.get(step, usual) if self.times > 0 else usual


@contextlib.asynccontextmanager
async def smtp_server(answers: dict[str, str] | None = None, times: int = 1_000_000) -> AsyncGenerator[SmtpServer]:
    """The server, listening on a free port while the block runs."""
    mail = SmtpServer(answers or {}, times)
    server = await asyncio.start_server(mail.serve, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mail
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
