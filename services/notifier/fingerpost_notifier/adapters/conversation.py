"""A conversation with a mail server, once it is connected and signed in: commands out, replies in, in the same order (RFC 5321).

Where the server takes groups of commands (RFC 2920) they go out together; aiosmtplib waits for each reply.
"""

import asyncio
from collections import deque

GO_ON = 354  # what a server says to DATA, and to nothing else
CLOSING = 421
LONGEST_LINE = 8192


class Disconnected(ConnectionError):
    """The server went away, or said what is no reply."""


class Closing(ConnectionError):
    """The server says that it closes (421), whatever it was asked."""


class Conversation(asyncio.Protocol):
    """Takes over a transport on which nothing is outstanding."""

    def __init__(self, transport: asyncio.Transport, *, takes_groups: bool) -> None:
        self._transport = transport
        self._takes_groups = takes_groups
        self._unsaid: deque[bytes] = deque()
        self._codes: deque[int] = deque()
        self._text = b""
        self._something = asyncio.Event()
        self._is_lost = False
        transport.set_protocol(self)

    @property
    def is_alive(self) -> bool:
        """Whether nobody hung up."""
        return not (self._is_lost or self._transport.is_closing())

    @property
    def is_quiet(self) -> bool:
        """Whether it can go on: nobody hung up, and nothing was said that no command had asked for."""
        return self.is_alive and not self._codes

    def say(self, *commands: bytes) -> None:
        """Commands in order, each to be answered. They go out together, or each when the answer to the one before is taken.

        All that was said before has its answer. Raises `Disconnected` where there is one too many, for it would be taken for the next.
        """
        if self._codes:
            raise Disconnected
        if self._takes_groups:
            self._transport.write(b"".join(commands))
        else:
            self._unsaid.extend(commands)

    async def answers(self, count: int, until: float) -> list[int]:
        """The codes of the next replies. Raises `Closing`, `Disconnected`, and `TimeoutError` at a time of the event loop."""
        return [self._next() if self._codes and not self._unsaid else await self._answer(until) for _ in range(count)]

    async def _answer(self, until: float) -> int:
        if self._unsaid:
            self._transport.write(self._unsaid.popleft())
        while not self._codes:
            if self._is_lost:
                raise Disconnected
            self._something.clear()
            async with asyncio.timeout_at(until):
                await self._something.wait()
        return self._next()

    def _next(self) -> int:
        code = self._codes.popleft()
        if code == CLOSING:
            raise Closing
        return code

    def data_received(self, data: bytes) -> None:
        """The last line of a reply has no hyphen after its code."""
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            if not line[:3].isdigit():
                self._give_up()
            elif line[3:4] != b"-":
                self._codes.append(int(line[:3]))
        if len(self._text) > LONGEST_LINE:
            self._give_up()
        self._something.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for an answer hears of it."""
        self._is_lost = True
        self._something.set()

    def _give_up(self) -> None:
        self._is_lost = True
        self._transport.abort()
