"""Who stands outside: the agencies and destinations of a partnership, as far as accounts and keys need to know them."""

from dataclasses import dataclass
from pathlib import Path

from fingerpost_local.failure import CannotStart
from fingerpost_shared.contracts.directory import UnreadableDirectory, read_directory


@dataclass(frozen=True)
class Parties:
    """The ids of a partnership's outside parties, in the order of its directory. Each is safe as one token of a subject."""

    agencies: tuple[str, ...]
    destinations: tuple[str, ...]


def read_parties(partnership_dir: Path) -> Parties:
    """The parties named in `directory.yaml`. Raises `CannotStart` when it is missing or faulty, naming each fault."""
    path = partnership_dir / "directory.yaml"
    if not path.exists():
        raise CannotStart(f"{path} does not exist. Set FINGERPOST_PARTNERSHIP_DIR to the folder that holds a partnership's directory.yaml.")
    try:
        directory = read_directory(path)
    except UnreadableDirectory as error:
        raise CannotStart(f"The directory {path} can't be used. Mend it and start again:\n{error}") from None
    return Parties(agencies=tuple(directory.agencies), destinations=tuple(directory.destinations))
