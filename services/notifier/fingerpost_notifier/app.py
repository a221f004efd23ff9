"""Wires the notifier: queues alerts for routed legs and sends them, urgent ones first."""

import asyncio
from functools import partial

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.look_ups import LookUps
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_notifier.handlers import announce_ended, queue_alerts
from fingerpost_notifier.settings import NotifierSettings
from fingerpost_shared.contracts import queries
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.events import LANES, LegRouted
from fingerpost_shared.runtime.service import Service

ANNOUNCE_SECONDS = 1.0


def create_app(settings: NotifierSettings) -> Service:
    """The notifier, ready to serve. Raises where the directory or the wording cannot be used."""
    service = Service("notifier", settings)
    directory = read_directory(settings.partnership_dir / "directory.yaml")
    wording = read_wording(settings.partnership_dir / "messages")
    book = Book(service.database)
    look_ups = LookUps(service.database, service.pending)
    wakers: dict[str, list[asyncio.Event]] = {lane: [] for lane in LANES}

    def wake(lane: str) -> None:
        for waker in wakers[lane]:
            waker.set()

    service.consume(LegRouted, partial(queue_alerts, book=book, wake=wake), stream="LEGS", lanes=LANES)
    for lane in LANES:
        for _ in range(settings.urgent_senders if lane == "urgent" else settings.routine_senders):
            server = MailServer(settings.smtp_url.get_secret_value(), settings.mail_from)
            sender = Sender(lane, book, server, wording, directory, settings.console_url, settings.retry_seconds)
            wakers[lane].append(asyncio.Event())
            service.every(1.0, sender.send_due, wake=wakers[lane][-1])
            service.on_stop(server.close)
    service.every(ANNOUNCE_SECONDS, partial(announce_ended, book, service.publish))
    service.answer(queries.AlertsQuery, look_ups.alerts)
    service.answer(queries.DigestQuery, look_ups.digest)
    return service
