"""Accepts input: in JetStream with its receipt, whether or not the database is there."""

from dataclasses import dataclass
from datetime import UTC, datetime

from nats.errors import MaxPayloadError

from fingerpost_intake.adapters.http.problems import RETRY, Problem
from fingerpost_intake.domain import arrivals
from fingerpost_shared.contracts.events import Lane
from fingerpost_shared.contracts.streams import submission_subject
from fingerpost_shared.runtime.service import Service

_NOT_TAKEN = "There is no receipt for it: it is still with you. Send it again in a few seconds; a resend never has a second effect."
_PARTLY_TAKEN = (
    "Some rows of it may have been taken already, and there is no receipt for the others: the file is still with you. "
    "Send the same file again in a few seconds; rows that were taken are not taken twice."
)
_TOO_LARGE = "One row of it is too large to be taken: at most 8 MB are; cut it."
_TOO_LARGE_AFTER_OTHERS = f"{_TOO_LARGE} Other rows may have been taken already; they are not taken twice when you send the file again."


@dataclass(frozen=True)
class Accepting:
    """Publishes submissions in an agency's name, once its key was checked."""

    service: Service
    id_key: bytes

    async def accept(
        self, agency: str, lane: Lane, content_type: str, body: bytes, arrived_at: datetime, follows_others: bool = False
    ) -> None:
        """Returns when JetStream has stored the input (I1). Raises `Problem`: 503 when it cannot now, 413 when it never will.

        The consumer understands it as of `arrived_at`, as it is answered. The problem says otherwise to the sender of a file of which
        parts were accepted before this one (`follows_others`).
        """
        headers = {"Content-Type": content_type, arrivals.HEADER: arrivals.arrival(self.id_key, agency, body, arrived_at)}
        try:
            if not self.service.nats.is_connected:
                raise ConnectionError
            await self.service.publisher.publish_raw(submission_subject(lane, agency), body, headers)
        except MaxPayloadError:
            raise Problem(413, "too-large", _TOO_LARGE_AFTER_OTHERS if follows_others else _TOO_LARGE, agency=agency) from None
        except Exception:
            code, detail = ("partly-taken", _PARTLY_TAKEN) if follows_others else ("not-taken", _NOT_TAKEN)
            raise Problem(503, code, detail, headers=RETRY, agency=agency) from None

    @staticmethod
    def now() -> datetime:
        """The time of arrival."""
        return datetime.now(UTC)
