"""What can be wrong with a file or a referral's facts, said so that its author can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class FileError:
    """One thing wrong in one place of a file; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Unreadable(Exception):
    """A file cannot be used; `errors` says everything that is wrong with it, in the order of its lines."""

    def __init__(self, errors: tuple[FileError, ...]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


class InvalidFacts(Exception):
    """One referral's facts are not values of the facts file; `problems` names each fact at fault."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
