"""Notices which messages a handler has put off for long: nothing fails of them, so nothing else tells."""

from dataclasses import dataclass, field

LONG_SECONDS = 60.0
_GONE_SECONDS = 60.0  # much longer than the longest delay after which a message comes again


@dataclass(frozen=True)
class Lasting:
    """How long a message has been put off, and how many have been for long."""

    seconds: float
    count: int


@dataclass
class Patience:
    """What one consumer has put off, and when it last told of it. `now` is a monotonic time in seconds."""

    _times: dict[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])
    _told_at: float | None = None
    _tidied_at: float = 0.0

    def put_off(self, sequence: int, now: float) -> Lasting | None:
        """Note that a message is put off; returns what to tell of it, once a minute at most."""
        self._tidy(now)
        first, _ = self._times.get(sequence, (now, now))
        self._times[sequence] = (first, now)
        if now - first < LONG_SECONDS or (self._told_at is not None and now - self._told_at < LONG_SECONDS):
            return None
        self._told_at = now
        return Lasting(now - first, sum(now - since >= LONG_SECONDS for since, _ in self._times.values()))

    @property
    def has_any(self) -> bool:
        """Whether anything is put off."""
        return bool(self._times)

    def settled(self, sequence: int) -> None:
        """The message is put off no more."""
        self._times.pop(sequence, None)

    def _tidy(self, now: float) -> None:
        """Forget what comes no more, for another replica has settled it."""
        if now - self._tidied_at >= _GONE_SECONDS:
            self._times = {sequence: (first, last) for sequence, (first, last) in self._times.items() if now - last < _GONE_SECONDS}
            self._tidied_at = now
