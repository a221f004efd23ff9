"""Who a referral is about is in intake's vault, sealed, and nowhere else (I8): canaries are planted by every door, then looked for."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from fingerpost_intake.samples import as_csv
from fingerpost_shared.contracts.queries import (
    AlertsQuery,
    LegsQuery,
    QuarantineQuery,
    QueuesQuery,
    RecentReferralsQuery,
    RoutingQuery,
)
from fingerpost_shared.contracts.streams import CONSUMERS, STREAMS
from fingerpost_shared.runtime.streams import pending
from tests.integration.intake.looking import quarantine_reference, quarantined_content, vaulted
from tests.support.live import Live, eventually

# Nobody's details: the street does not exist, the numbers are kept for drama and for tests
NAME, STREET, EMAIL, STORY = "Zyxcanary Notreal", "7 Zyxcanary Lane", "zyxcanary@post.example", "Zyxcanary told us what happened."
PHONE, BORN, NHS_NUMBER, POSTCODE = "07700 900731", "1931-07-13", "999 731 5555", "HR97 9ZQ"
WORDS = ("zyxcanary", PHONE, PHONE.replace(" ", ""), BORN, "13/07/1931", "9997315555", NHS_NUMBER, POSTCODE, "HR979ZQ")
KINDS = ("domestic_abuse", "sexual_violence", "asb", "hate_crime", "prevent", "fraud", "serious_violence", "vulnerability", "other")
AGENCY, OTHER_AGENCY = "womens_aid", "council"

Found = AsyncIterator[tuple[str, bytes]]


def spellings(word: str) -> Iterator[bytes]:
    """How a word may stand in bytes: as text of two encodings, in hex, and in base64 at each of its three alignments."""
    yield from (word.lower().encode(), word.lower().encode("utf-16-le"))
    for text in {word, word.capitalize()}:
        yield text.encode().hex().encode()
        for shift in range(3):
            encoded = base64.b64encode(b"x" * shift + text.encode())
            yield encoded[4 if shift else 0 : len(encoded) - 4].lower()


PATTERNS = {pattern: word for word in WORDS for pattern in spellings(word) if len(pattern) > 5}


def seen_in(content: bytes) -> set[str]:
    """The canaries that can be seen in it."""
    lower = content.lower()
    return {word for pattern, word in PATTERNS.items() if pattern in lower}


def a_told_referral(kind: str) -> dict[str, Any]:
    """A referral with a canary in every field that can hold somebody's details."""
    person = {"name": NAME, "date_of_birth": BORN, "address": STREET, "phone": PHONE, "email": EMAIL, "nhs_number": NHS_NUMBER}
    safe_contact = {"by": PHONE, "when": STORY, "not": NAME}
    place = {"address": STREET, "postcode": POSTCODE}
    return {
        "agency_reference": f"{NAME}-{uuid4()}",
        "kinds": [kind],
        "people": [
            {"role": "victim", "needs": STORY, "safe_contact": safe_contact, **person},
            {"role": "subject", "relationship": NAME, **person},
            {"role": "child", **person},
        ],
        "incidents": [{"occurred_at": "2026-09-01T10:00:00Z", "place": place, "description": STORY}],
        "assessments": {"dash": {"answers": {f"Did {NAME} say so?": "yes"}}},
        "narrative": STORY,
        "lawful_basis": NAME,
        "referrer": {"name": NAME, "role": STREET, "contact": EMAIL},
    }


@dataclass
class Planted:
    """A system in which canaries were planted, the referrals that were accepted, and every answer that their sender got."""

    live: Live
    referral_ids: list[str] = field(default_factory=list[str])
    references: list[str] = field(default_factory=list[str])
    answers: list[httpx.Response] = field(default_factory=list[httpx.Response])
    quarantined: bytes = b""

    async def post(self, body: Any) -> None:
        self.answers.append(await self.live.post(body, AGENCY))

    async def post_csv(self, content: str | bytes) -> None:
        self.answers.append(await self.live.post_csv(content, AGENCY))

    async def referrals(self) -> None:
        for kind in KINDS:
            referral = a_told_referral(kind)
            for sent in (referral, referral, referral | {"narrative": STORY * 2}, referral | {"status": "withdrawn"}):
                await self.post(sent)
            self.referral_ids.append(self.answers[-1].json()["id"])
            self.references.append(self.answers[-1].json()["reference"])
            await self.live.publish_as_agency(json.dumps(a_told_referral(kind)).encode(), AGENCY)
        await self.post(a_told_referral("asb") | {"anonymous": True})
        await self.post_csv(as_csv([a_told_referral(kind) for kind in KINDS]))

    async def bad_input_by_http(self) -> None:
        referral = a_told_referral("asb")
        for parts in (
            {NAME: NAME},
            {"facts": {NAME: "yes"}},
            {"facts": {"weapon": NAME}},
            {"facts": {PHONE.replace(" ", ""): 1.5}},
            {"assessments": {"dash": {"answers": {NAME: NAME}}}},
            {"people": [{"role": NAME, "date_of_birth": NAME, NAME: STORY}]},
            {"kinds": [NAME]},
            {"assessments": {"dash": {"total": 3}}, "facts": {"dash_ticks": 9}},
            {"updated_at": STORY},
        ):
            await self.post(referral | parts)
        whole = json.dumps(referral)
        for body in (whole[:-40], f"Dear all, {STORY}", whole.replace("notreal", "\\u0000"), "[" * 50 + f'"{NAME}"' + "]" * 50):
            await self.post(body.encode())
        await self.post(whole.encode("utf-16"))
        http, headers = self.live.http, self.live.headers(AGENCY)
        self.answers.append(await http.post("/v1/referrals", content=whole, headers={"Authorization": f"Bearer {NAME}"}))
        self.answers.append(await http.post("/v1/referrals", content=whole, headers=headers | {"Content-Type": "text/plain"}))
        self.answers.append(await http.get(f"/v1/referrals/{NAME}", headers=headers))

    async def bad_files(self) -> None:
        headerless = f"A-1,asb,{NAME},{BORN},{PHONE}\r\n"
        header = "agency_reference,kinds,victim_name,victim_date_of_birth,fact:weapon\r\n"
        for content in (
            headerless,
            f"Ref,{NAME}\r\n1,{STORY}\r\n",
            f"{header}{NAME},{NAME},{NAME},31/02/1931,{NAME}\r\n{NAME},asb\r\n{NAME},asb,{NAME},13/07/1931,{NAME}\r\n",
            f'{header}A-1,asb,"{NAME}',
            f"{header}A-1,asb,{NAME}\0,,\r\n",
        ):
            await self.post_csv(content)
            await self.live.publish_as_agency(content.encode(), AGENCY, headers={"Content-Type": "text/csv"})

    async def bad_input_by_nats(self) -> None:
        self.quarantined = f"Dear all, {STORY} {uuid4()}".encode()
        plain = {"Content-Type": "application/json", "Nats-Msg-Id": NAME, "X-About": NAME}
        await self.live.publish_as_agency(self.quarantined, AGENCY, headers=plain)
        for parts in ({NAME: NAME}, {"facts": {NAME: "yes"}}, {"assessments": {"dash": {"answers": {NAME: NAME}}}}):
            await self.live.publish_as_agency(json.dumps(a_told_referral("asb") | parts).encode(), AGENCY)
        await self.live.publish_as_agency(f"<name>{NAME}</name>".encode(), AGENCY, headers={"Content-Type": "application/xml"})
        rows = json.dumps({"rows": [{"row": 2, "cells": {NAME: NAME}}], NAME: NAME}).encode()
        await self.live.publish_as_agency(rows, AGENCY, headers={"Content-Type": "application/vnd.fingerpost.rows+json"})

    async def bad_actions(self) -> None:
        """What a destination may send by mistake: a story where there is a code, or no action at all."""
        client = await self.live.nats_as("destination-matac")
        whole = {"action_id": str(uuid4()), "leg_id": str(uuid4()), "action": "decline", "by": "Sam Sample", "reason": STORY}
        envelope = {"specversion": "1.0", "id": str(uuid4()), "source": "/x", "type": "org.fingerpost.action.submitted.v1"}
        for body in (json.dumps(envelope | {"data": whole}), json.dumps(envelope | {"data": whole | {NAME: NAME}}), STORY):
            await client.jetstream(prefix="fp").publish("action.submitted.v1.router.matac", body.encode())

    async def settled(self) -> None:
        """Wait until all of it went all the way: saved, routed, alerted."""
        operator = await self.live.nats_as("operator")

        async def nothing_pending() -> bool:
            return not sum([await pending(operator, consumer.stream, consumer.durable) for consumer in CONSUMERS])

        async def all_sent() -> bool:
            counts = (await self.live.ask(AlertsQuery(limit=1))).counts
            return counts.get("sent", 0) > 0 and not counts.get("queued") and not counts.get("sending")

        for referral_id in self.referral_ids:
            await eventually(lambda of=referral_id: self._is_routed(of), 60)
        await eventually(nothing_pending, 60)
        await eventually(all_sent, 60)

    async def _is_routed(self, referral_id: str) -> bool:
        return (await self.live.ask(RoutingQuery(referral_id=referral_id))).found  # type: ignore[arg-type]


@pytest.fixture(scope="module")
async def planted(live: Live) -> Planted:
    planted = Planted(live)
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
