"""JSON logs on standard output. Only keys that are known to hold ids and choices get through, whatever a caller passes."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from fingerpost_shared.runtime import metrics

# What a log line may hold. A new key is added here by somebody who has asked what it could reveal.
ALLOWED_KEYS = frozenset(
    {
        *("event", "level", "timestamp", "service", "trace", "error", "where", "logger", "dropped", "code", "codes"),
        *("stream", "consumer", "subject", "sequence", "attempt", "count", "seconds", "bytes", "reason", "outcome", "port", "pid"),
        *("referral_id", "quarantine_id", "leg_id", "alert_id", "action_id", "decision_id", "reference", "version"),
        *("agency", "destination", "channel", "lane", "band", "role", "state", "book", "ruleset", "child"),
    }
)


def configure(service: str, level: str) -> None:
    """Set up structlog and the standard library's logging for this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: Lines(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(handlers=[_LibraryLogs()], level=logging.WARNING, force=True)


def keep_allowed_keys(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is not on the list, and say which keys were dropped, for that is a fault to mend."""
    dropped = sorted(key for key in line if key not in ALLOWED_KEYS)
    kept = {key: value for key, value in line.items() if key in ALLOWED_KEYS}
    return {**kept, "dropped": dropped} if dropped else kept


def where(error: BaseException) -> str:
    """The innermost frames of an error, without its text, which may hold what nobody may read."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames)


class Lines:
    """Writes each line of a structlog logger to a file. Where the disk is full a line is late or lost, and counted: the work goes on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def _write(self, line: str) -> None:
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError:
            metrics.LOG_LINES_LATE.inc()

    debug = info = warning = error = critical = _write


class _LibraryLogs(logging.Handler):
    """What libraries log: who and where, never the text."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().warning(
            "library_logged",
            logger=record.name,
            where=where(error) if error else f"{record.filename}:{record.lineno} {record.funcName}",
            error=type(error).__name__ if error else None,
        )
