"""Answers worked out when first asked for, and kept."""

from collections.abc import Callable, Hashable
from typing import TypeVar

Asked = TypeVar("Asked", bound=Hashable)
Answer = TypeVar("Answer")


class Memory(dict[Asked, Answer]):
    """A dict that works out what it does not hold yet. Where there would be more than `most` answers, it starts anew."""

    def __init__(self, work_out: Callable[[Asked], Answer], most: int = 4_096) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, asked: Asked) -> Answer:
        answer = self._work_out(asked)
        if len(self) >= self._most:
            self.clear()
        self[asked] = answer
        return answer
