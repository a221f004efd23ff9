"""What every query is: read-only NATS request and reply. It knows its subject and its answer; answers stay under 256 kB, in pages."""

from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

A = TypeVar("A", bound=BaseModel)


class Value(BaseModel):
    """A frozen part of a question or of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(Value, Generic[A]):
    """A question to one service. `subject` is where it is asked, `answer` what comes back."""

    subject: ClassVar[str]
    answer: ClassVar[type[BaseModel]]

    def __init_subclass__(cls, subject: str = "", answer: type[BaseModel] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if answer is not None:
            cls.subject, cls.answer = subject, answer


class Refusal(Value):
    """The answer to a query that could not be answered."""

    error: str
    help: str
