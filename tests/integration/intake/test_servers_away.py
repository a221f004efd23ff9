"""With PostgreSQL away intake goes on accepting; with JetStream away it says so; either way nothing is lost (I1)."""

import json
from uuid import uuid4

from fingerpost_intake.samples import as_csv, sample
from tests.integration.intake.looking import quarantine_reference, quiet_books, reasons
from tests.support.live import Live, eventually, fresh


async def test_without_postgresql_each_send_is_202_with_the_same_id_and_all_is_saved_when_it_is_back(frail: Live) -> None:
    referral, by_nats, by_csv = (fresh(sample(kind, 1)) for kind in ("asb", "fraud", "acquisitive"))
    unclear = json.dumps(fresh({"kinds": ["abuse"]})).encode()
    frail.servers.postgres.stop()
    try:
        first, again = await frail.post(referral), await frail.post(referral)
        kept = await frail.post(unclear)
        batch = await frail.post_csv(as_csv([by_csv]) + f"{uuid4()},,\r\n")
        await frail.publish_as_agency(json.dumps(by_nats).encode())
        ready = await frail.http.get("/readyz")
    finally:
        frail.servers.postgres.start()

    assert [answer.status_code for answer in (first, again, kept, batch, ready)] == [202, 202, 202, 202, 200]
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["duplicate"] is False
    books = await quiet_books(frail)
    assert books.outcomes == {"referral": 3, "resend": 1, "quarantine": 2}
    assert (books.referrals, books.quarantined) == (3, 2)
    assert await reasons(frail, quarantine_reference(frail, unclear)) == [("/kinds", "unknown_kind")]

    async def known() -> bool:
        return (await frail.post(referral)).json()["duplicate"]

    await eventually(known)


async def test_without_postgresql_a_status_is_503_with_a_time_to_ask_again_and_a_large_file_has_its_report_in_the_answer(
    frail: Live,
) -> None:
    asked = frail.headers("police")
    referral = (await frail.post(fresh(sample("asb", 3)))).json()
    content = "agency_reference,kinds\r\n" + f"T-{uuid4()},asb\r\n" * 1001
    await quiet_books(frail)
    frail.servers.postgres.stop()
    try:
        batch = await frail.post_csv(content)
        away = [await frail.http.get(path, headers=asked) for path in (referral["links"]["self"], f"/v1/batches/{batch.json()['batch']}")]
    finally:
        frail.servers.postgres.start()

    for answer in away:
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["type"] == "/problems/not-answered"
        assert int(answer.headers["retry-after"]) > 0
    assert (batch.status_code, batch.json()["links"], len(batch.json()["rows"])) == (202, {}, 1001)

    async def shown() -> bool:
        return (await frail.http.get(referral["links"]["self"], headers=asked)).status_code == 200

    await eventually(shown)


async def test_without_jetstream_the_answer_is_503_with_a_time_to_try_again_and_then_it_is_taken(frail: Live) -> None:
    referral = fresh(sample("hate_crime", 2))
    before = await quiet_books(frail)
    frail.servers.nats.stop()
    try:
        refused, refused_file = await frail.post(referral), await frail.post_csv(as_csv([referral]))
        ready, alive = await frail.http.get("/readyz"), await frail.http.get("/livez")
    finally:
        frail.servers.nats.start()

    for answer in (refused, refused_file):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["type"] == "/problems/not-taken"
        assert "still with you" in answer.json()["detail"]
    assert (ready.status_code, alive.status_code) == (503, 200)

    async def taken() -> bool:
        return (await frail.post(referral)).status_code in (200, 202)

    await eventually(taken)
    after = await quiet_books(frail)
    assert after.referrals == before.referrals + 1
