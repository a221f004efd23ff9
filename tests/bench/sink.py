"""A mail server that takes everything and keeps nothing, so that the bench measures Fingerpost and not its counterpart.

`python -m tests.bench.sink PORT`. It speaks the part of SMTP (RFC 5321) that a sender needs.
"""

import asyncio
import sys

REPLIES = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


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
        while True:
            end = b"\r\n.\r\n" if self._is_in_data else b"\r\n"
            line, found, rest = self._text.partition(end)
            if not found:
                break
            self._text = rest
            if self._is_in_data:
                self._is_in_data = False
                replies.append(b"250 taken\r\n")
            else:
                verb = line[:4].upper()
                self._is_in_data = verb == b"DATA"
                replies.append(REPLIES.get(verb, b"250 ok\r\n"))
        self._transport.write(b"".join(replies))


async def main(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
