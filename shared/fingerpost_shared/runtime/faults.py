"""Which errors pass by themselves and which do not."""

import nats.errors
import nats.js.errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# PostgreSQL's classes: connection, log-in, no such database, transaction rollback, insufficient resources, object in use,
# operator intervention, system error
_PASSING_SQL_CLASSES = ("08", "28", "3D", "40", "53", "55", "57", "58")
# not allowed, no such table, no such column: the schema is older than the code, which no message can help
_SCHEMA_BEHIND = ("42501", "42P01", "42703")


class TryLater(Exception):
    """Raised by a handler that lacks something which is on its way: deliver the message again after a while, for as long as it takes."""


def passes_by_itself(error: BaseException) -> bool:
    """True for faults of the surroundings (a database or server away, a full disk, a dead lock): retrying is all it takes."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "08")
        return error.connection_invalidated or state[:2] in _PASSING_SQL_CLASSES or state in _SCHEMA_BEHIND
    if isinstance(error, nats.errors.MaxPayloadError):
        return False
    return isinstance(error, PoolTimeout | nats.errors.Error | nats.js.errors.Error | OSError | TimeoutError)
