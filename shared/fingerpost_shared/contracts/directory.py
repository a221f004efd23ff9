"""The partnership's directory: who takes part, where things go, how to reach them. A coordinator edits it: `directory.yaml`."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fingerpost_shared.contracts.ids import Slug

Level = Literal["casework", "tactical", "strategic"]


class UnreadableDirectory(ValueError):
    """The directory file can't be used. The text says where and what is wrong, a line each."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class Channel(_Row):
    """One way to reach somebody: exactly one of its kinds is set."""

    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")] | None = None
    webhook: str | None = None
    sms: str | None = None

    @property
    def kind(self) -> str:
        """`email`, `webhook` or `sms`."""
        return next((kind for kind in ("email", "webhook", "sms") if getattr(self, kind)), "none")


class Destination(_Row):
    name: str
    level: Level
    purpose: str = ""
    channels: tuple[Channel, ...] = ()
    meets: tuple[date, ...] = ()


class Agency(_Row):
    name: str
    responsible_authority: bool = False
    channels: tuple[Channel, ...] = ()


class Person(_Row):
    name: str
    works_for: str
    roles: tuple[str, ...] = ()


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError("expected the name of a time zone, such as Europe/London") from None
    return name


class Partnership(_Row):
    id: Slug
    name: str
    reference_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")]
    timezone: Annotated[str, AfterValidator(_known_timezone)] = "Europe/London"
    bank_holidays: tuple[date, ...] = ()


class Directory(_Row):
    """The whole directory. Destinations and agencies are two name spaces; an id may be in both."""

    partnership: Partnership
    destinations: dict[Slug, Destination]
    agencies: dict[Slug, Agency]
    people: dict[Slug, Person] = {}


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written, so that a wrong one is told by its place with the other faults."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_directory(path: Path) -> Directory:
    """Read and check a directory file. Raises `UnreadableDirectory`, which names each fault and its place."""
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - it is a SafeLoader
        return Directory.model_validate(content)
    except ValidationError as error:
        faults = [f"{path.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise UnreadableDirectory("\n".join(faults)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableDirectory(f"{path}: {error}") from None
