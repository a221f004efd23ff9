"""A mail server that takes everything and keeps nothing, so that the bench measures Fingerpost and not its counterpart.

`python -m tests.bench.sink PORT`. It speaks the part of SMTP (RFC 5321) that a sender needs, and takes groups of commands (RFC 2920) and
chunks (RFC 3030) as Postfix and Exim do.
"""

import asyncio
import sys

REPLIES = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
FINE = b"250 fine\r\n"
END = b"\r\n"
END_OF_DATA = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One sender's conversation."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._text = b""
        self._is_in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        """The replies to a group of commands go out together, as RFC 2920 asks of a server."""
        assert self._transport is not None
        self._text += data
        replies: list[bytes] = []
        at = 0
        while (found := self._text.find(END_OF_DATA if self._is_in_data else END, at)) >= 0:
            line = self._text[at:found]
            verb = line[:4].upper()
            next_at = found + len(END_OF_DATA if self._is_in_data else END)
            if verb == b"BDAT" and not self._is_in_data:
                next_at += int(line.split()[1])
                if next_at > len(self._text):
                    break
            self._is_in_data = verb == b"DATA" and not self._is_in_data
            replies.append(REPLIES.get(verb, FINE))
            at = next_at
        self._text = self._text[at:]
        self._transport.write(b"".join(replies))


async def main(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
