"""Wires intake: the front door over HTTP and NATS, the vault, the quarantine, and what others may ask."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from nats.aio.msg import Msg

from fingerpost_intake.adapters import csv_files
from fingerpost_intake.adapters.book import Book
from fingerpost_intake.adapters.http import batches, referrals
from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import read_access
from fingerpost_intake.adapters.http.caching import NoStore
from fingerpost_intake.adapters.http.describing import describe
from fingerpost_intake.adapters.http.problems import add_problems
from fingerpost_intake.adapters.key_store import KeyStore
from fingerpost_intake.adapters.live_rules import HEAR_SECONDS, LiveRules
from fingerpost_intake.adapters.look_ups import LookUps
from fingerpost_intake.adapters.mending import events_again, referrals_digest
from fingerpost_intake.domain import arrivals
from fingerpost_intake.domain.normalising import Understanding
from fingerpost_intake.domain.rows import Layout
from fingerpost_intake.domain.submissions import JSON, Reader, Submission, known_type
from fingerpost_intake.domain.tokens import TokenKeys
from fingerpost_intake.handlers import about, keep_unhandled, receive
from fingerpost_intake.settings import IntakeSettings
from fingerpost_rules import read_facts, read_names, read_rule_set
from fingerpost_rules.facts import SetFact
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.events import LANES
from fingerpost_shared.contracts.ids import submission_cause
from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.contracts.queries.intake import (
    FreshQuery,
    IntakeBooks,
    IntakeBooksQuery,
    QuarantineQuery,
    RecentReferralsQuery,
    ReferralQuery,
)
from fingerpost_shared.contracts.streams import submission_consumer
from fingerpost_shared.runtime.delivery import Delivery, has_large_body
from fingerpost_shared.runtime.mending import INTERVAL_SECONDS, Mender
from fingerpost_shared.runtime.service import Service

_FORGET_SECONDS = 3600.0


def create_app(settings: IntakeSettings) -> Service:
    """Intake, ready to serve. Raises where a file of the partnership or a key cannot be read."""
    service = Service("intake", settings, openapi_url="/openapi.json")
    service.is_ready_without_database = True
    reader = read_partnership(settings)
    keys = KeyStore(service.open_database(settings.keys_database_url), settings.key("key-encryption"))
    engine = service.open_database(settings.database_url, settings.database_pool)
    book = Book(engine, keys, reader.by.reference_prefix, reader.by.facts.version)
    look_ups = LookUps(engine)

    for lane in LANES:
        consumer = submission_consumer(lane)
        delivery = Delivery(
            service.name,
            consumer.durable,
            decode=partial(read_submission, id_key=reader.by.id_key),
            handler=partial(receive, reader=reader, book=book, cut=partial(csv_files.parts_of_file, reader=reader)),
            keep=partial(keep_unhandled, reader=reader, book=book),
            about=partial(about, reader=reader),
            is_large=lambda message: has_large_body(message) or not is_json(message),
        )
        service.take(consumer, delivery)

    mine = partial(referrals_digest, engine=engine, progress=partial(service.progress, "SUBMISSIONS"))
    service.answer(ReferralQuery, look_ups.answer_referral)
    service.answer(RecentReferralsQuery, look_ups.recent)
    service.answer(QuarantineQuery, look_ups.quarantined)
    service.answer(FreshQuery, look_ups.fresh)
    service.answer(DigestQuery, mine)

    async def books(query: IntakeBooksQuery) -> IntakeBooks:
        return await look_ups.books(query, await service.pending())

    service.answer(IntakeBooksQuery, books)
    service.every(INTERVAL_SECONDS, Mender(service, "referrals", "router", mine, partial(events_again, engine=engine)).mend)
    service.every(HEAR_SECONDS, LiveRules(service, reader.by).hear)
    service.every(_FORGET_SECONDS, partial(look_ups.forget_batch_reports, timedelta(days=settings.batch_report_days)))
    _add_edge(service, settings, reader, look_ups)
    return service


def read_partnership(settings: IntakeSettings) -> Reader:
    """What reading submissions takes: the partnership's facts, live rules and directory, and the keys."""
    folder = settings.partnership_dir
    facts = read_facts(folder / "facts.yaml")
    rules = read_rule_set(folder / "rules.yaml", facts, read_names(folder / "directory.yaml"))
    directory = read_directory(folder / "directory.yaml")
    by = Understanding(
        facts=facts,
        rules=rules,
        id_key=settings.key("id"),
        token_keys=TokenKeys(settings.key("token")),
        reference_prefix=directory.partnership.reference_prefix,
        timezone=ZoneInfo(directory.partnership.timezone),
    )
    sets = frozenset(fact.name for fact in facts.facts if isinstance(fact, SetFact))
    return Reader(by, Layout(by.timezone, sets))


def is_json(message: Msg) -> bool:
    """Whether it says that it is one referral: anything else may be a file of thousands."""
    return known_type(_header(message, "content-type")) == JSON


def read_submission(message: Msg, id_key: bytes) -> Submission:
    """A message of SUBMISSIONS. Never malformed: whatever its body, it becomes a referral or a quarantine item (I1)."""
    stored_at = message.metadata.timestamp.astimezone(UTC)
    agency = message.subject.split(".")[4]
    return Submission(
        cause=submission_cause(message.metadata.sequence.stream, _nanoseconds(stored_at)),
        agency=agency,
        content_type=known_type(_header(message, "content-type")),
        content=message.data,
        received_at=stored_at,
        as_of=arrivals.arrived_at(id_key, agency, message.data, _header(message, arrivals.HEADER.casefold())) or stored_at,
    )


def _header(message: Msg, wanted: str) -> str:
    """The header of this name, in whatever case it was written; nothing where there is none."""
    return next((value for name, value in (message.headers or {}).items() if name.casefold() == wanted), "")


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1000


def _add_edge(service: Service, settings: IntakeSettings, reader: Reader, look_ups: LookUps) -> None:
    access = read_access(settings.keys_dir / "api-keys.json")
    accepting = Accepting(service, reader.by.id_key)
    http: Any = service.http
    add_problems(http)
    http.add_middleware(NoStore)
    http.include_router(referrals.router(access, accepting, look_ups, reader.by, settings.largest_body_bytes))
    describe(http)
    http.include_router(batches.router(access, accepting, look_ups, reader, settings.largest_batch_bytes))
