"""A NATS client that sends exactly the bytes it is given: what a hostile or broken client of an agency could send."""

import asyncio
import base64
import json
from pathlib import Path
from urllib.parse import urlsplit

import nkeys


async def publish_raw(url: str, seed: Path, subject: str, headers: bytes, body: bytes) -> None:
    """Publish one message with these header bytes as they are, and wait until the server has taken it."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    greeting = json.loads((await reader.readline()).removeprefix(b"INFO "))
    pair = nkeys.from_seed(bytearray(seed.read_bytes().strip()))
    signature = base64.urlsafe_b64encode(pair.sign(greeting["nonce"].encode())).rstrip(b"=").decode()
    login = {"nkey": pair.public_key.decode(), "sig": signature, "headers": True, "verbose": False, "pedantic": False, "lang": "raw"}
    writer.write(f"CONNECT {json.dumps(login)}\r\n".encode())
    writer.write(f"HPUB {subject} {len(headers)} {len(headers) + len(body)}\r\n".encode() + headers + body + b"\r\nPING\r\n")
    while (line := await reader.readline()) != b"PONG\r\n":
        assert not line.startswith(b"-ERR"), line
        assert line, "the server closed the connection"
    writer.close()
