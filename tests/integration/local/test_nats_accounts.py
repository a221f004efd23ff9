"""Who can say and hear what on a real server: every identity tries what is not its own."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, NoRespondersError, TimeoutError
from nats.js.errors import NotFoundError, ServiceUnavailableError

from fingerpost_local.nats_accounts import SERVICES_ACCOUNT, accounts
from fingerpost_local.servers import Servers
from fingerpost_shared.contracts.streams import CONSUMERS, STREAMS, party_consumers
from fingerpost_shared.contracts.subjects import SERVICES
from fingerpost_shared.runtime.streams import apply

from .conftest import Connect, eventually

AGENCIES = ("police", "womens_aid")
DESTINATIONS = ("marac", "matac", "police")


@pytest.fixture
async def operator(connect: Connect, servers: Servers) -> Client:
    """The operator's connection, every stream in place and empty."""
    client = await connect("operator")
    await apply(client, STREAMS, (*CONSUMERS, *party_consumers(servers.parties.destinations, servers.parties.agencies)))
    for stream in STREAMS:
        await client.jetstream().purge_stream(stream.name)
    return client


async def is_stored(client: Client, subject: str) -> bool:
    """Whether JetStream gives a receipt for a message on this subject."""
    try:
        answer = await client.request(subject, b"{}", timeout=0.2)
    except (NoRespondersError, TimeoutError):
        return False
    return "seq" in json.loads(answer.data)


async def stored_subjects(operator: Client) -> dict[str, int]:
    """Every subject that any stream holds, with its number of messages."""
    found: dict[str, int] = {}
    for stream in STREAMS:
        info = await operator.jetstream().stream_info(stream.name, subjects_filter=">")
        found |= info.state.subjects or {}
    return found


def subjects_of_others(own: Iterable[str]) -> list[str]:
    """One concrete subject for each the streams take, but those that are `own`."""
    concrete = {
        subject.replace("*", word)
        for stream in STREAMS
        for subject in stream.subjects
        for word in ("marac", "matac", "police", "womens_aid", "router", "console")
    }
    everything = concrete | {f"action.submitted.v1.{s}.{a}" for s in SERVICES for a in (*DESTINATIONS, "console")}
    return sorted(everything - set(own))


async def test_the_configuration_holds_public_keys_only(servers: Servers):
    text = (servers.nats.home / "nats.conf").read_text()
    secrets = [path.read_text() for path in servers.keys_dir.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in text] == []


OWN_SUBJECTS = {
    "intake": "referral.received.v1.urgent.marac",
    "router": "leg.routed.v1.marac.urgent",
    "notifier": "alert.sent.v1",
    "console": "action.submitted.v1.router.console",
}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_can_publish_its_own_subjects_and_nobody_elses(connect: Connect, operator: Client, service: str):
    client = await connect(service)
    assert await is_stored(client, OWN_SUBJECTS[service])
    for other in set(OWN_SUBJECTS.values()) - {OWN_SUBJECTS[service]}:
        await client.publish(other, b"{}")
    await client.flush()
    assert await stored_subjects(operator) == {OWN_SUBJECTS[service]: 1}
    assert await eventually(lambda: len(client.refusals) == len(OWN_SUBJECTS) - 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("service", SERVICES)
async def test_only_the_operator_may_manage_streams(connect: Connect, operator: Client, service: str):
    client = await connect(service)
    calls = ("STREAM.PURGE.LEGS", "STREAM.DELETE.LEGS", "CONSUMER.DELETE.LEGS.dest-marac", "STREAM.CREATE.MINE")
    for call in calls:
        await client.publish(f"$JS.API.{call}", b"")
    await client.flush()
    assert await eventually(lambda: len(client.refusals) == len(calls))  # type: ignore[attr-defined]
    assert len(await operator.jetstream().streams_info()) == len(STREAMS)


async def test_a_service_pulls_its_own_consumers_and_answers_questions(connect: Connect, operator: Client):
    intake, router, console = await connect("intake"), await connect("router"), await connect("console")
    await intake.jetstream().publish("referral.received.v1.urgent.a", b"{}")
    pull = await router.jetstream().pull_subscribe_bind("router-referral-received-urgent", stream="REFERRALS")
    [message] = await pull.fetch(1, timeout=2)
    await message.ack_sync()
    assert (await pull.consumer_info()).num_ack_pending == 0

    async def answer(question: Any) -> None:
        await question.respond(b"here")

    await router.subscribe("query.router.queues.v1", cb=answer)
    await router.flush()
    assert (await console.request("query.router.queues.v1", b"{}", timeout=2)).data == b"here"


async def test_an_agency_submits_as_itself_and_as_nobody_else(connect: Connect, operator: Client):
    police = await connect("agency-police")
    own = [f"submission.received.v1.{lane}.police" for lane in ("urgent", "routine")]
    assert [await is_stored(police, subject) for subject in own] == [True, True]
    for subject in subjects_of_others(own):
        await police.publish(subject, b"{}")
    await police.flush()
    assert await stored_subjects(operator) == dict.fromkeys(own, 1)


async def test_a_destination_acts_as_itself_and_as_nobody_else(connect: Connect, operator: Client):
    marac = await connect("destination-marac")
    own = ["action.submitted.v1.router.marac"]
    assert [await is_stored(marac, subject) for subject in own] == [True]
    for subject in subjects_of_others(own):
        await marac.publish(subject, b"{}")
    await marac.flush()
    assert await stored_subjects(operator) == dict.fromkeys(own, 1)


async def test_a_destination_gets_no_receipt_for_what_no_service_takes(connect: Connect, operator: Client):
    marac = await connect("destination-marac")
    for subject in ("action.submitted.v1.intake.marac", "action.submitted.v1.notifier.marac"):
        assert not await is_stored(marac, subject)
    assert await stored_subjects(operator) == {}


@pytest.mark.parametrize(
    ("user", "own"),
    [
        ("agency-womens_aid", [f"submission.received.v1.{lane}.womens_aid" for lane in ("urgent", "routine")]),
        ("destination-marac", ["action.submitted.v1.router.marac"]),
    ],
)
async def test_a_forged_reply_subject_lands_on_nobody_but_its_sender(connect: Connect, operator: Client, user: str, own: list[str]):
    party = await connect(user)
    forged = [*own, *subjects_of_others(own), "$JS.API.STREAM.PURGE.LEGS", "query.router.queues.v1"]
    overheard: list[str] = []

    async def overhear(message: Any) -> None:
        overheard.append(message.subject)

    await operator.subscribe("query.>", cb=overhear)
    await operator.flush()
    for reply in forged:
        await party.publish(own[0], b"{}", reply=reply)
        await party.publish(own[0], b"{}", headers={"Nats-Trace-Dest": reply})  # the server itself reports to that subject
        await party.publish("fp.CONSUMER.INFO.LEGS.dest-marac", b"", reply=reply)
        # without an end the pull would still wait when the next test publishes a leg
        await party.publish("fp.CONSUMER.MSG.NEXT.LEGS.dest-marac", b'{"batch": 1, "expires": 100000000}', reply=reply)
    await party.flush()
    await asyncio.sleep(0.3)
    assert set(await stored_subjects(operator)) <= set(own)
    assert overheard == []


async def test_a_destination_pulls_the_legs_meant_for_it_and_no_others(connect: Connect, operator: Client):
    await operator.jetstream().publish("leg.routed.v1.marac.urgent", b"for marac")
    await operator.jetstream().publish("leg.routed.v1.matac.urgent", b"for matac")
    marac = (await connect("destination-marac")).jetstream(prefix="fp")
    pull = await marac.pull_subscribe_bind("dest-marac", stream="LEGS")
    [message] = await pull.fetch(1, timeout=2)
    assert message.data == b"for marac"
    await message.ack_sync()
    assert (await pull.consumer_info()).num_ack_pending == 0
    foreign = await marac.pull_subscribe_bind("dest-matac", stream="LEGS")
    with pytest.raises(ServiceUnavailableError):
        await foreign.fetch(1, timeout=0.5)
    assert (await operator.jetstream().consumer_info("LEGS", "dest-matac")).num_pending == 1


async def test_an_agency_pulls_its_own_feedback(connect: Connect, operator: Client):
    await operator.jetstream().publish("referral.progressed.v1.police", b"taken")
    await operator.jetstream().publish("referral.progressed.v1.womens_aid", b"not for the police")
    police = (await connect("agency-police")).jetstream(prefix="fp")
    pull = await police.pull_subscribe_bind("agency-police", stream="FEEDBACK")
    messages = await pull.fetch(5, timeout=0.5)
    assert [message.data for message in messages] == [b"taken"]


async def test_a_destination_hears_its_own_legs_and_answers_only(connect: Connect, operator: Client):
    marac = await connect("destination-marac")
    heard: list[str] = []

    async def hear(message: Any) -> None:
        heard.append(message.subject)

    await marac.subscribe(">", cb=hear)
    await marac.flush()
    own = ["leg.routed.v1.marac.urgent", "action.answered.v1.marac.1"]
    others = ["leg.routed.v1.matac.urgent", "action.answered.v1.matac.1", "referral.received.v1.urgent.a", "alert.sent.v1"]
    for subject in (*others, *own):
        await operator.publish(subject, b"{}")
    await operator.flush()
    await asyncio.sleep(0.3)
    assert sorted(subject for subject in heard if not subject.startswith("_INBOX")) == sorted(own)


@pytest.mark.parametrize("user", ["agency-police", "destination-marac"])
async def test_a_party_has_no_jetstream_of_its_own(connect: Connect, operator: Client, user: str):
    party = await connect(user)
    for call in ("INFO", "STREAM.NAMES", "STREAM.CREATE.MINE"):
        body = b'{"name": "MINE", "subjects": ["mine.>"]}' if "CREATE" in call else b""
        answer = json.loads((await party.request(f"$JS.API.{call}", body, timeout=2)).data)
        assert answer["error"]["description"] == "JetStream not enabled for account", call
    with pytest.raises(NotFoundError):
        await operator.jetstream().stream_info("MINE")


async def test_a_party_is_held_to_eight_connections(connect: Connect):
    for _ in range(8):
        await connect("agency-womens_aid")
    with pytest.raises(Exception, match="maximum account active connections"):
        await connect("agency-womens_aid")


async def test_a_party_is_held_to_two_megabytes(connect: Connect, operator: Client):
    police = await connect("agency-police")
    await police.publish("submission.received.v1.urgent.police", bytes(2 * 1024 * 1024))
    await police.flush()
    await police.publish("submission.received.v1.urgent.police", bytes(2 * 1024 * 1024 + 1))
    with pytest.raises((ConnectionClosedError, TimeoutError)):
        await police.flush(1)
    assert await stored_subjects(operator) == {"submission.received.v1.urgent.police": 1}


def test_every_export_names_its_one_account(servers: Servers):
    table = accounts(servers.parties, servers.keys.public_keys)
    exports = table[SERVICES_ACCOUNT]["exports"]
    assert len(exports) == len(AGENCIES) * 5 + len(DESTINATIONS) * 6
    assert all(len(export["accounts"]) == 1 for export in exports)
