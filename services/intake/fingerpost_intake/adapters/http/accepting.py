"""Accepts input: in JetStream with its receipt, whether or not the database is there."""

from dataclasses import dataclass
from datetime import UTC, datetime

from nats.errors import MaxPayloadError

from fingerpost_intake.adapters.http.problems import Problem
from fingerpost_shared.contracts.events import Lane
from fingerpost_shared.contracts.streams import submission_subject
from fingerpost_shared.runtime.service import Service

_RETRY = {"Retry-After": "5"}


@dataclass(frozen=True)
class Accepting:
    """Publishes submissions in an agency's name, once its key was checked."""

    service: Service

    async def accept(self, agency: str, lane: Lane, content_type: str, body: bytes) -> None:
        """Returns when JetStream has stored the input (I1). Raises `Problem`: 503 when it cannot now, 413 when it never will."""
        try:
            if not self.service.nats.is_connected:
                raise ConnectionError
            await self.service.publisher.publish_raw(submission_subject(lane, agency), body, {"Content-Type": content_type})
        except MaxPayloadError:
            raise Problem(413, "too-large", "One row of it is too large to be taken: at most 8 MB are; cut it.", agency=agency) from None
        except Exception:
            detail = "Nothing was taken: the referral is still with you. Send it again in a few seconds."
            raise Problem(503, "not-taken", detail, headers=_RETRY, agency=agency) from None

    @staticmethod
    def now() -> datetime:
        """The time of arrival."""
        return datetime.now(UTC)
