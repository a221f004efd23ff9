"""Lists come in pages; the answer to one says after which row the next begins, and the next query says it again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter

PAGE_LIMIT = 200
Limit = Annotated[int, Field(ge=1, le=PAGE_LIMIT)]

_PLACE = TypeAdapter[tuple[datetime, UUID]](tuple[AwareDatetime, UUID])


def read_place(after: str) -> tuple[datetime, UUID]:
    """The time and the id of a row in a list by time. Raises `ValueError`."""
    return _PLACE.validate_python(tuple(after.split("/")))


def _is_place(after: str) -> str:
    read_place(after)
    return after


After = Annotated[str, Field(max_length=100, description="the `next_after` of the page before"), AfterValidator(_is_place)]
