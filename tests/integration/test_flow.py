"""The main job, end to end on the real servers: a referral in, routed, alerted, and owned by a person."""

import json
from typing import Any
from uuid import uuid4

from fingerpost_intake.samples import sample
from fingerpost_shared.contracts.queries.intake import ReferralQuery
from fingerpost_shared.contracts.queries.notifier import AlertsQuery
from fingerpost_shared.contracts.queries.router import LegsQuery, RoutingQuery, RoutingView
from tests.support.live import Live, eventually, fresh


async def routed(live: Live, referral_id: str) -> RoutingView:
    async def look() -> RoutingView | None:
        view = await live.ask(RoutingQuery(referral_id=referral_id))
        return view if view.found else None

    view = await eventually(look)
    assert view is not None
    return view


async def test_a_referral_by_http_reaches_its_destination_and_the_agencies_are_alerted(live: Live) -> None:
    answer = await live.post(fresh(sample("hate_crime", 3)))

    assert answer.status_code == 202
    view = await routed(live, answer.json()["id"])
    lead = next(leg for leg in view.legs if leg.role == "lead")
    assert lead.destination == "matac"
    assert lead.reference == answer.json()["reference"]
    assert view.decision is not None
    assert view.decision.fired

    async def all_sent() -> bool:
        page = await live.ask(AlertsQuery(referral_id=answer.json()["id"]))
        return bool(page.alerts) and all(alert.state == "sent" for alert in page.alerts)

    await eventually(all_sent)


async def test_the_same_referral_again_has_no_second_effect(live: Live) -> None:
    referral = fresh(sample("asb", 5))
    first = await live.post(referral)
    await routed(live, first.json()["id"])

    again = await live.post(referral)

    assert again.status_code == 200
    assert again.json()["duplicate"] is True
    assert again.json()["id"] == first.json()["id"]
    rows = await live.rows("intake", "SELECT count(*) FROM referrals WHERE id = $1", first.json()["id"])
    assert rows[0][0] == 1


async def test_other_content_under_the_same_reference_is_an_update_that_can_only_add_legs(live: Live) -> None:
    referral = {**fresh(sample("asb", 8)), "facts": {"weapon": "none"}}
    first = await live.post(referral)
    before = await routed(live, first.json()["id"])

    await live.post({**referral, "kinds": [*referral["kinds"], "serious_violence"], "facts": {"weapon": "bladed"}})

    async def second_version() -> RoutingView | None:
        view = await live.ask(RoutingQuery(referral_id=first.json()["id"]))
        return view if view.decision and view.decision.version == 2 else None

    after = await eventually(second_version)
    assert after is not None
    assert {leg.destination for leg in before.legs} <= {leg.destination for leg in after.legs}
    assert "police_serious_violence" in {leg.destination for leg in after.legs}
    assert all(leg.received_at == before.legs[0].received_at for leg in after.legs)


async def test_a_raw_publish_by_an_agencys_own_system_takes_the_same_path(live: Live) -> None:
    referral = fresh(sample("acquisitive", 2))
    before = {row["id"] for row in await live.rows("router", "SELECT id FROM referrals WHERE agency = 'council'")}
    await live.publish_as_agency(json.dumps(referral).encode(), agency="council")

    async def routed() -> set[str]:
        return {
            str(row["id"])
            for row in await live.rows("router", "SELECT id FROM referrals WHERE agency = 'council'")
            if row["id"] not in before
        }

    (identity,) = await eventually(routed)
    again = await live.post(referral, "council")
    assert (again.json()["id"], again.json()["duplicate"]) == (identity, True)


async def acknowledged(live: Live, destination: str, leg_id: object) -> dict[str, Any]:
    """The answer that a destination's own system gets when it acknowledges a leg."""
    client = await live.nats_as(f"destination-{destination}")
    action_id = str(uuid4())
    answers = await client.subscribe(f"action.answered.v1.{destination}.{action_id}")
    await client.flush()
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/their/system",
        "type": "org.fingerpost.action.submitted.v1",
        "data": {"action_id": action_id, "leg_id": str(leg_id), "action": "acknowledge", "by": "Sam Sample"},
    }
    await client.jetstream(prefix="fp").publish(f"action.submitted.v1.router.{destination}", json.dumps(event).encode())
    return json.loads((await answers.next_msg(timeout=15)).data)


async def test_a_person_of_the_destination_takes_a_leg_over_nats_and_it_is_owned(live: Live) -> None:
    answer = await live.post(fresh(sample("substance_misuse", 4)))
    lead = next(leg for leg in (await routed(live, answer.json()["id"])).legs if leg.role == "lead")

    reply = await acknowledged(live, lead.destination, lead.leg_id)

    assert (reply["result"], reply["code"]) == ("done", "acknowledged")
    assert reply["leg"]["owner"] == "Sam Sample"
    page = await live.ask(LegsQuery(destination=lead.destination, state="acknowledged"))
    assert lead.leg_id in {leg.leg_id for leg in page.legs}


async def test_a_destination_cannot_take_anothers_leg(live: Live) -> None:
    answer = await live.post(fresh(sample("hate_crime", 6)))
    lead = next(leg for leg in (await routed(live, answer.json()["id"])).legs if leg.role == "lead")

    reply = await acknowledged(live, "marac", lead.leg_id)

    assert (reply["result"], reply["code"]) == ("refused", "not_yours")
    assert reply["leg"] is None


async def test_a_reference_is_found_however_it_is_spelled(live: Live) -> None:
    answer = await live.post(fresh(sample("fraud", 1)))
    await routed(live, answer.json()["id"])

    spelled = answer.json()["reference"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = await live.ask(ReferralQuery(reference=spelled))

    assert found.found
    assert str(found.referral_id) == answer.json()["id"]
