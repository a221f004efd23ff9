"""Wires the notifier: queues alerts for routed legs and sends them, urgent ones first."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.look_ups import LookUps
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.outage import Outage
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_notifier.handlers import alert_agencies, announce_ended
from fingerpost_notifier.settings import NotifierSettings
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.events import LANES, Lane, LegRouted
from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.contracts.queries.notifier import AlertsQuery
from fingerpost_shared.runtime.service import Service

ANNOUNCE_SECONDS = 1.0
MEASURE_SECONDS = 5.0


def create_app(settings: NotifierSettings) -> Service:
    """The notifier, ready to serve. Raises where the directory or the wording cannot be used."""
    service = Service("notifier", settings)
    directory = read_directory(settings.partnership_dir / "directory.yaml")
    wording = read_wording(settings.partnership_dir / "messages")
    book = Book(service.database)
    look_ups = LookUps(service.database, partial(service.progress, "LEGS"))
    counts: dict[Lane, int] = {"urgent": settings.urgent_senders, "routine": settings.routine_senders}
    outage = Outage()
    about = (wording, directory, settings.console_url, settings.retry_seconds)
    for lane in LANES:
        wakers = [asyncio.Event() for _ in range(counts[lane])]
        senders: list[Sender] = []
        for waker, next_waker in zip_longest(wakers, wakers[1:]):
            server = MailServer(settings.smtp_url.get_secret_value(), settings.mail_from)
            call_for_help = next_waker.set if next_waker else _nobody
            senders.append(Sender(lane, book, server, *about, call_for_help, lambda: service.is_stopping, outage))
            service.every(1.0, senders[-1].send_due, wake=waker)
            service.on_stop(server.close)
        alerting = partial(alert_agencies, book=book, senders=senders, wake=partial(_wake_one, [*zip(senders, wakers, strict=True)]))
        service.consume(LegRouted, alerting, stream="LEGS", lanes=(lane,))
    service.every(MEASURE_SECONDS, partial(outage.measure, book))
    service.every(ANNOUNCE_SECONDS, partial(announce_ended, book, service.publish))
    service.answer(AlertsQuery, look_ups.alerts)
    service.answer(DigestQuery, look_ups.digest)
    return service


def _wake_one(senders: Sequence[tuple[Sender, asyncio.Event]]) -> None:
    """Wake a sender that has nothing to do, or where all have, the first."""
    _, waker = next((each for each in senders if not each[0].is_busy), senders[0])
    waker.set()


def _nobody() -> None:
    """Whom the last sender of a lane calls for help."""
