"""Who a referral is about is in intake's vault, sealed, and nowhere else (I8): canaries are planted by every door, then looked for."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import httpx
import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from fingerpost_shared.contracts.queries.intake import QuarantineQuery, RecentReferralsQuery
from fingerpost_shared.contracts.queries.notifier import AlertsQuery
from fingerpost_shared.contracts.queries.router import LegsQuery, QueuesQuery, RoutingQuery
from fingerpost_shared.contracts.streams import STREAMS
from tests.integration.intake.canaries import AGENCY, BORN, NAME, NHS_NUMBER, PHONE, POSTCODE, Planted, seen_in
from tests.integration.intake.looking import quarantine_reference, quarantined_content, vaulted
from tests.support.live import Live

OTHER_AGENCY = "council"

Found = AsyncIterator[tuple[str, bytes]]


@pytest.fixture(scope="module")
async def planted(live: Live) -> Planted:
    planted = Planted(live)
    await planted.a_large_file()
    await planted.referrals()
    await planted.bad_input_by_http()
    await planted.bad_files()
    await planted.bad_input_by_nats()
    await planted.bad_actions()
    await planted.settled()
    return planted


async def stored_messages(planted: Planted) -> Found:
    """Every message in every stream, with its subject and headers, as the operator may read it."""
    jetstream = (await planted.live.nats_as("operator")).jetstream()
    for stream in STREAMS:
        if stream.retention == "workqueue":
            continue
        pull = await jetstream.pull_subscribe("", stream=stream.name, config=ConsumerConfig(ack_policy=AckPolicy.NONE))
        left = (await pull.consumer_info()).num_pending
        while left > 0:
            for message in await pull.fetch(500, timeout=10):
                left -= 1
                yield f"{stream.name} {message.subject}", json.dumps([message.subject, message.headers]).encode() + message.data
        await pull.unsubscribe()


async def store_files(planted: Planted) -> Found:
    """The stream store on the disk, which is encrypted besides."""
    for path, content in _files(planted.live.servers.nats.home):
        yield path, content


async def logs(planted: Planted) -> Found:
    """What all programs and servers logged."""
    for path, content in _files(planted.live.servers.directory / "logs"):
        yield path, content


async def mails(planted: Planted) -> Found:
    """Every mail as it came over the line."""
    for line in (planted.live.servers.directory / "mail" / "mail.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield f"mail to {row['to']}", json.dumps(row["to"]).encode() + row["content"].encode("latin-1")


async def metrics(planted: Planted) -> Found:
    """What each service tells of itself, and the documents of its interfaces."""
    async with httpx.AsyncClient() as client:
        for program in planted.live.system.programs:
            for page in ("/metrics", "/readyz", "/openapi.json", "/asyncapi.json", "/schemas/referral.v1.json"):
                answer = await client.get(program.program.url + page)
                if answer.is_success:
                    yield f"{program.program.name} {page}", answer.content


async def databases_of_others(planted: Planted) -> Found:
    """Every row of the router's and the notifier's books and of the key book."""
    for database in ("router", "notifier", "intake_keys"):
        async for found in _rows(planted.live, database, hidden=()):
            yield found


async def intakes_own_tables(planted: Planted) -> Found:
    """Every row of intake's book, but for the sealed columns."""
    async for found in _rows(planted.live, "intake", hidden=("sealed",)):
        yield found


async def database_files(planted: Planted) -> Found:
    """PostgreSQL's own files, its log of changes among them: the sealed columns too show nothing."""
    for path, content in _files(planted.live.servers.postgres.data):
        # hundreds of megabytes: only what a first look finds is searched for every spelling
        yield path, content if any(mark in content for mark in (b"yxcanary", b"YXCANARY", PHONE.encode(), BORN.encode())) else b""


async def answers_to_the_sender(planted: Planted) -> Found:
    """What the agency itself was answered: an unknown member's name may be told again, never a value."""
    for answer in planted.answers:
        body = answer.json()
        for error in body.get("errors", []) if answer.status_code == 422 else []:
            del error["pointer"]
        yield f"{answer.request.method} {answer.status_code}", json.dumps([body, dict(answer.headers)]).encode()


async def answers_to_others(planted: Planted) -> Found:
    """What another agency is answered when it asks for, or sends under, what is not its own."""
    live, headers = planted.live, planted.live.headers(OTHER_AGENCY)
    for reference in (*planted.references, *planted.referral_ids):
        answer = await live.http.get(f"/v1/referrals/{reference}", headers=headers)
        assert answer.status_code == 404
        yield f"GET {reference}", answer.content
    for answer in planted.answers:
        if "batch" in answer.json():
            shown = await live.http.get(f"/v1/batches/{answer.json()['batch']}", headers=headers)
            assert shown.status_code == 404
            yield "GET batch", shown.content
    [report] = planted.reports
    own = await live.http.get(report, headers=live.headers(AGENCY))
    assert (own.status_code, len(own.json()["rows"])) == (200, 1001)
    yield "GET report", own.content
    assert (await live.http.get(report, headers=headers)).status_code == 404


async def answers_to_queries(planted: Planted) -> Found:
    """What the console and the operator are answered."""
    for query in (QuarantineQuery(limit=200), RecentReferralsQuery(limit=200), AlertsQuery(limit=200), LegsQuery(limit=200), QueuesQuery()):
        yield query.subject, (await planted.live.ask(query)).model_dump_json().encode()
    for referral_id in planted.referral_ids:
        routing = await planted.live.ask(RoutingQuery(referral_id=referral_id))  # type: ignore[arg-type]
        yield "routing", routing.model_dump_json().encode()


def _files(folder: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


async def _rows(live: Live, database: str, hidden: tuple[str, ...]) -> Found:
    columns = await live.rows(
        database,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND NOT column_name = ANY($1)",
        list(hidden),
    )
    by_table: dict[str, list[str]] = {}
    for table, column in columns:
        by_table.setdefault(table, []).append(f'"{column}"')
    for table, names in by_table.items():
        for row in await live.rows(database, f'SELECT ROW({", ".join(names)})::text FROM "{table}"'):
            yield f"{database}.{table}", row[0].encode()


SOURCES: list[tuple[Callable[[Planted], Found], int]] = [
    (stored_messages, 50),
    (store_files, 20),
    (logs, 5),
    (mails, 9),
    (metrics, 5),
    (databases_of_others, 50),
    (intakes_own_tables, 50),
    (database_files, 500),
    (answers_to_the_sender, 50),
    (answers_to_others, 18),
    (answers_to_queries, 14),
]


@pytest.mark.parametrize(("look", "at_least"), SOURCES, ids=[look.__name__ for look, _ in SOURCES])
async def test_no_canary_is_seen(planted: Planted, look: Callable[[Planted], Found], at_least: int) -> None:
    looked_at = [(where, seen_in(content)) async for where, content in look(planted)]
    assert [(where, seen) for where, seen in looked_at if seen] == []
    assert len(looked_at) >= at_least


async def test_nothing_waits_in_the_streams_that_hold_raw_input(planted: Planted) -> None:
    jetstream = (await planted.live.nats_as("operator")).jetstream()
    states = [(await jetstream.stream_info(stream.name)).state.messages for stream in STREAMS if stream.retention == "workqueue"]
    assert states == [0, 0]


async def test_the_search_sees_the_canaries_where_they_must_be(planted: Planted) -> None:
    for referral_id in planted.referral_ids:
        contents = await vaulted(planted.live, referral_id)
        assert len(contents) == 3
        for content in contents:
            assert {"zyxcanary", PHONE, BORN, NHS_NUMBER, POSTCODE} <= seen_in(json.dumps(content).encode())
    reference = quarantine_reference(planted.live, planted.quarantined, agency=AGENCY)
    assert await quarantined_content(planted.live, reference) == planted.quarantined
    assert seen_in(planted.quarantined) == {"zyxcanary"}


@pytest.mark.parametrize("hide", [bytes.hex, lambda text: base64.b64encode(b"ab" + text).decode(), lambda text: text.decode().upper()])
def test_the_search_sees_through_hex_base64_and_capitals(hide: Callable[[bytes], str]) -> None:
    assert "zyxcanary" in seen_in(f"…{hide(f'who: {NAME}, and more'.encode())}…".encode())


async def test_an_anonymous_report_leaves_no_token_of_a_person(planted: Planted) -> None:
    rows = await planted.live.rows("intake", "SELECT tokens::text FROM referrals WHERE facts->>'anonymous' = 'yes'")
    assert rows
    assert all('"person"' not in row[0] and '"pair"' not in row[0] for row in rows)
