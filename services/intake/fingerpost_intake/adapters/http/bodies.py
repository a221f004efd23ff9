"""Reads request bodies within limits."""

from fastapi import Request

from fingerpost_intake.adapters.http.problems import Problem

_MOST_DRAINED = 128 * 1024 * 1024


async def read_body(request: Request, largest: int, agency: str) -> bytes:
    """The whole body. Raises `Problem` 413 when it is larger than `largest` bytes.

    What is too large is read to its end first, within reason: closing early would reset the connection, and the sender would never
    see why (trap 26).
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= largest:
            parts.append(part)
        elif size > _MOST_DRAINED:
            break
    if size > largest:
        raise Problem(413, "too-large", f"At most {largest // (1024 * 1024)} MB are taken here; send less at a time.", agency=agency)
    return b"".join(parts)


def expect_type(request: Request, expected: str, agency: str) -> None:
    """Raises `Problem` 415 when the body is said to be anything else."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if given != expected:
        raise Problem(415, "wrong-type", f"Send the header 'Content-Type: {expected}'.", agency=agency)
