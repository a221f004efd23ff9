"""A sender of alerts of one lane, which writes down what became of each. Each lane has its own, so urgent overtakes.

A new alert goes out as soon as it is saved, where a line is open, quick and soon free. What has to wait, or is tried again, is claimed from
the book, by as many senders as there are.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from structlog.typing import FilteringBoundLogger

from fingerpost_notifier.adapters.book import LEASE, Book
from fingerpost_notifier.adapters.mail import Mail, MailServer, NotSent
from fingerpost_notifier.adapters.outage import Outage
from fingerpost_notifier.domain.alerts import Alert, Ended, Failed, Result, Sent, after_failure, after_server_fault
from fingerpost_notifier.domain.notices import Notice, Wording
from fingerpost_shared.contracts.directory import Directory
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.faults import passes_by_itself

CLAIMED_AT_ONCE = 32
# As many as one crash between send and mark can double; more would be faster, and double more
SETTLED_AT_ONCE = 64
PATIENCE_SECONDS = 0.1  # of new alerts with a busy line, for to queue them takes twice the work
SLOW_SECONDS = 0.01  # an e-mail: then many lines are faster, and a batch that goes over one would be delivered again before it is done
ENOUGH_TO_TELL = 16  # e-mails
RENEW_SECONDS = 5.0  # and the longest send after it stays within the lease
SETTLE_AGAIN_SECONDS = 0.5

log = structlog.get_logger()


@dataclass
class Sender:
    """Sends what is due in a lane until nothing is."""

    lane: str
    book: Book
    server: MailServer
    wording: Wording
    directory: Directory
    console_url: str
    retry_seconds: Sequence[float]
    call_for_help: Callable[[], None]
    is_stopping: Callable[[], bool]
    outage: Outage = field(default_factory=Outage)  # one for all senders
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_slow: bool = False

    @property
    def is_free(self) -> bool:
        """Whether new alerts can go out over its line at once."""
        return self.server.is_open and not self.is_busy

    @property
    def takes_new(self) -> bool:
        """Whether new alerts can go out over its line, now or when what is being sent has gone. A slow one gets them from the book."""
        return self.server.has_line and not self._is_slow

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent over its line."""
        return self._line.locked()

    async def send_new(self, legs: Sequence[LegRouted], wanted: Sequence[Alert]) -> list[Ended] | None:
        """Save the legs, and their alerts as claimed by this sender, and send at once what is new. What ended is the caller's to tell.

        None where its line is closed or stays busy: then nothing is saved. What is new takes turns with what is due.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._line.acquire()
        except TimeoutError:
            self._is_slow = True
            return None
        try:
            if not self.server.is_open:
                return None
            return await self._send_all(await self.book.queue(legs, wanted, is_claimed=True), is_told=True)
        finally:
            self._line.release()

    async def send_due(self) -> None:
        """All that is due now, unless the service stops. A full claim means that more waits: the next sender is woken to help."""
        fault: NotSent | None = None
        is_full = True
        while is_full and not self.is_stopping():
            async with self._line:
                if fault is None and not self.server.is_open:
                    if not (await self.book.is_due(self.lane) or self.outage.wants_try):
                        return
                    fault = await self.outage.open(self.server, self.book)  # before the claim, for it may take longer than one is held
                is_full = await self._send_claimed(fault)

    async def _send_claimed(self, fault: NotSent | None) -> bool:
        """Claim some of what is due and send it, unless a fault keeps it from going out. Returns whether there may be more."""
        claimed = await self.book.claim(self.lane, CLAIMED_AT_ONCE)
        is_full = len(claimed) == CLAIMED_AT_ONCE
        if is_full:
            self.call_for_help()
        if fault is None:
            await self._send_all(claimed, is_told=False)
        else:
            results = [(a, self._result(a, fault) if self._address(a.agency) else _without_channel(a)) for a in claimed]
            await self._settle(results, is_told=False)
        return is_full

    async def _send_all(self, claimed: Sequence[Alert], *, is_told: bool) -> list[Ended]:
        """Send, and write down what became of each. With a slow mail server the claim is renewed, or another sender would send it again.

        When the service stops, each is written down at once, for who is slow then is cut off; what was not begun is given back.
        """
        ended: list[Ended] = []
        addressed, results = self._addressed(claimed)
        waiting = deque(alert for alert, _ in addressed)
        fault: NotSent | None = None
        is_held, renewed_at = True, time.monotonic()
        began_at = renewed_at

        def goes_on() -> bool:
            return is_held and not self.is_stopping()

        async with aclosing(self.server.send([self._mail(*each) for each in addressed], goes_on)) as outcomes:
            async for fault in outcomes:
                alert = waiting.popleft()
                if fault is not None and fault.is_about_server:
                    # the rest of the claim does not try it again
                    results += self._unfinished(alert, [*waiting], fault)
                    waiting.clear()
                    break
                results.append((alert, self._result(alert, fault)))
                if len(results) >= SETTLED_AT_ONCE or self.is_stopping():
                    ended += await self._settle(results, is_told=is_told)
                    results.clear()
                if waiting and time.monotonic() - renewed_at > RENEW_SECONDS:
                    is_held = await self._renew(claimed, renewed_at)
                    renewed_at = time.monotonic() if is_held else renewed_at  # tried again, while more of a group is in hand
        sent = len(addressed) - len(waiting)
        if sent and not (fault and fault.is_by_server):
            self.outage.ended()
        if sent >= ENOUGH_TO_TELL:
            self._is_slow = time.monotonic() - began_at > sent * SLOW_SECONDS
        ended += await self._settle(results, is_told=is_told)
        if self.is_stopping() and waiting and is_held:
            await self.book.release(waiting)
        return ended

    def _addressed(self, claimed: Sequence[Alert]) -> tuple[list[tuple[Alert, str]], list[tuple[Alert, Result]]]:
        """The alerts with their addresses, and what becomes of those that have none."""
        addressed: list[tuple[Alert, str]] = []
        without: list[tuple[Alert, Result]] = []
        for alert in claimed:
            address = self._address(alert.agency)
            if address is None:
                without.append((alert, _without_channel(alert)))
            else:
                addressed.append((alert, address))
        return addressed, without

    async def _renew(self, claimed: Sequence[Alert], held_since: float) -> bool:
        """Whether the claim is held for longer. Once it has ended it may be another's."""
        if time.monotonic() - held_since > LEASE.total_seconds():
            return False
        try:
            await self.book.renew([alert.id for alert in claimed])
        except Exception as error:
            if not passes_by_itself(error):
                raise
            log.warning("claim_not_renewed", lane=self.lane, count=len(claimed), error=type(error).__name__)
            return False
        return True

    async def _settle(self, results: Sequence[tuple[Alert, Result]], *, is_told: bool) -> list[Ended]:
        """Write down what was sent, however long the database is away: forgotten, it would be sent a second time."""
        while results:
            try:
                return await self.book.settle(results, is_told=is_told)
            except Exception as error:
                if not passes_by_itself(error):
                    raise
                log.warning("alerts_not_settled", lane=self.lane, count=len(results), error=type(error).__name__)
                await asyncio.sleep(SETTLE_AGAIN_SECONDS)
        return []

    def _unfinished(self, alert: Alert, untried: Sequence[Alert], fault: NotSent) -> list[tuple[Alert, Result]]:
        """What becomes of an alert at which the server went away, and of those behind it.

        It is due after them: should it be what makes the server hang up, it must not keep them from going out time after time.
        """
        if fault.is_by_server:
            self.outage.began(fault.code)
        in_doubt = {one.id for one in (alert, *untried)[: fault.in_doubt]}
        return [(one, self._result(one, fault, may_be_sent=one.id in in_doubt)) for one in (*untried, alert)]

    def _result(self, alert: Alert, fault: NotSent | None, *, may_be_sent: bool = False) -> Result:
        if fault is None:
            return Sent()
        now = datetime.now(UTC)
        if not (fault.is_by_server and alert.server_faults):  # else it is told already, and the outage tells of itself
            _log_about(alert).warning("alert_not_sent", attempt=alert.attempts, code=fault.code)
        if fault.is_by_server and not may_be_sent:
            return after_server_fault(alert.server_faults, fault.code, now, self.retry_seconds)
        own_attempts = alert.attempts - alert.server_faults
        return after_failure(own_attempts, fault.code, now, self.retry_seconds, is_final=fault.is_final, may_be_sent=may_be_sent)

    def _mail(self, alert: Alert, address: str) -> Mail:
        organisation = self.directory.partnership.name
        link = f"{self.console_url.rstrip('/')}/referrals/{alert.reference}"
        subject, body = self.wording.of(Notice(organisation, alert.reference, alert.band, link))
        return Mail(str(alert.id), address, subject, body)

    def _address(self, agency: str) -> str | None:
        """The agency's role mailbox; a person's own address would have to be checked for being a party first (I9)."""
        row = self.directory.agencies.get(agency)
        return next((channel.email for channel in row.channels if channel.email), None) if row else None


def _without_channel(alert: Alert) -> Failed:
    _log_about(alert).error("alert_without_channel")
    return Failed("no_channel")


def _log_about(alert: Alert) -> FilteringBoundLogger:
    return log.bind(trace=alert.referral_id.hex, alert_id=str(alert.id), agency=alert.agency)
