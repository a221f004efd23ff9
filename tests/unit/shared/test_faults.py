"""Which faults cost a message an attempt: those that it brings, never those of the surroundings."""

import nats.errors
import nats.js.errors
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fingerpost_shared.contracts.envelope import Malformed
from fingerpost_shared.runtime.faults import TryLater, passes_by_itself
from fingerpost_shared.runtime.publishing import NotStored


class FromDriver(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


def of_database(sqlstate: str | None, *, cut: bool = False) -> DBAPIError:
    return DBAPIError("INSERT", {}, FromDriver(sqlstate), connection_invalidated=cut)


PASSING = {
    "the database is away": of_database("08006"),
    "the connection is gone, and the driver does not say how": of_database(None),
    "the connection was cut under a statement": of_database("23505", cut=True),
    "two transactions waited for each other": of_database("40P01"),
    "the disk is full": of_database("53100"),
    "somebody holds the lock": of_database("55P03"),
    "the database shuts down": of_database("57P01"),
    "the database's disk fails": of_database("58030"),
    "the database starts up": of_database("57P03"),
    "the database takes no more connections": of_database("53300"),
    "the password was changed": of_database("28P01"),
    "the database is not made yet": of_database("3D000"),
    "the table is not made yet": of_database("42P01"),
    "the column is not made yet": of_database("42703"),
    "the grant is not made yet": of_database("42501"),
    "no connection is free": PoolTimeout(),
    "the server does not answer": nats.errors.TimeoutError(),
    "no server is there": nats.errors.NoServersError(),
    "the stream refuses for now": nats.js.errors.ServiceUnavailableError(),
    "no receipt came": NotStored("no stream takes this subject"),
    "the network refuses": ConnectionRefusedError(),
    "time is up": TimeoutError(),
    "the disk refuses": OSError(28, "No space left on device"),
}
STAYING = {
    "the row is there already": IntegrityError("INSERT", {}, FromDriver("23505")),
    "the value is too long": of_database("22001"),
    "the statement is wrong": of_database("42601"),
    "the event is larger than the server takes": nats.errors.MaxPayloadError(),
    "the message cannot be read": Malformed("data: missing"),
    "what it needs is on its way": TryLater(),
    "the code is wrong": KeyError("leg"),
    "the value is wrong": ValueError("band"),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_of_the_surroundings_passes(fault: Exception) -> None:
    assert passes_by_itself(fault)


@pytest.mark.parametrize("fault", STAYING.values(), ids=STAYING)
def test_a_fault_that_the_message_brings_stays(fault: Exception) -> None:
    assert not passes_by_itself(fault)
