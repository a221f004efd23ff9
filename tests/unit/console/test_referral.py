"""A referral's page."""

import re

import pytest

from fingerpost_shared.contracts.ids import read_reference
from fingerpost_shared.contracts.queries.router import FiredRule
from tests.unit.console.conftest import SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.reading import Reading
from tests.unit.router.building import RULES

RULE = FiredRule(
    id="DA-02",
    title="High risk on the checklist",
    because="14 ticks or more is high risk.",
    gave=("lead: domestic_abuse_subgroup", "band: P1"),
)


async def test_it_says_why_it_came_with_each_rule_and_its_reason(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(fired=(RULE,), tags=("serious_violence",))

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "High risk on the checklist DA-02 14 ticks or more is high risk. Domestic Abuse Sub-group leads Band P1" in page.words
    assert "Themes: Serious violence" in page.words
    assert "by rule set 7" in page.words


async def test_a_rule_that_was_overridden_says_that_another_decided_the_lead(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(fired=(RULE,))
    assert referral.referral_id is not None
    system.decisions[referral.referral_id] = system.decisions[referral.referral_id].model_copy(update={"overridden": ("DA-02",)})

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Another rule decided who leads instead" in page.words


async def test_a_rule_whose_lead_came_second_in_the_order_says_who_leads_instead(sign_in: SignIn, system: FakeSystem) -> None:
    second = RULE.model_copy(update={"id": "CH-01", "gave": ("lead: childrens_mash", "band: P2", "within: 1d")})
    referral = system.refer(band="P1", fired=(RULE, second), also=["childrens_mash"])

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert (
        "Children's MASH leads Band P2 Within 1 working day Domestic Abuse Sub-group leads instead; Children's MASH owns a part"
        in page.words
    )
    assert page.words.count("leads instead") == 1
    assert page.words.count("The most urgent band counts: P1.") == 1


async def test_rules_that_agree_on_the_band_need_no_sentence_about_it(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(band="P1", fired=(RULE, RULE.model_copy(update={"id": "DA-09", "gave": ("band: P1",)})))

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "The most urgent band counts" not in page.words


async def test_each_alert_shows_the_band_that_was_told(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(band="P1")
    system.alert(referral, "police", band="P3")

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Mortimer Police P3 soon Email Sent" in page.words


async def test_what_is_not_known_is_shown_apart_from_what_is_not_so(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(facts={"weapon": "none", "child_in_household": "yes"})

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Child in the household Yes" in page.words
    assert "Not known (1) Not known is not “no”: ask, where the answer would matter. DASH ticks" in page.words
    assert "Answered “no” or “none” (1) Weapon None" in page.words


async def test_what_is_not_known_comes_first_where_it_is_why_a_rule_applied(sign_in: SignIn, system: FakeSystem) -> None:
    rule = {"id": "WP-02", "title": "Ask about weapons", "because": "Local practice"}
    asks = "- {id: WP-02, title: Ask about weapons, when: {weapon: unknown}, then: {also: [csp_duty_desk]}, because: Local practice}\n"
    referral = system.refer(
        ruleset_hash=system.rules.draft(RULES + asks),
        facts={"kinds": ("asb",), "repeats_6m": 0, "repeats_12m": 0, "pair_repeats_12m": 0},
        fired=(FiredRule(gave=("also: csp_duty_desk",), **rule),),
    )

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Not known, and a rule that applied asks about it Weapon" in page.words
    assert "Also not known (2) Not known is not “no”: ask, where the answer would matter. DASH ticks Child in the household" in page.words


async def test_what_the_deciding_rule_set_could_not_read_is_shown_as_it_was_said(sign_in: SignIn, system: FakeSystem) -> None:
    rule = {"id": "WP-01", "title": "A blade is urgent", "because": "Somebody may be hurt"}
    referral = system.refer(
        ruleset_hash=system.rules.draft(RULES.replace("weapon: bladed", "weapon: not none")),
        facts={"kinds": ("asb", "stalking"), "weapon": "sword", "new_fact": "yes", "repeats_6m": 0},
        fired=(FiredRule(gave=("band: P1",), **rule),),
    )

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Weapon Sword" in page.words
    assert "A blade is urgent" in page.words


async def test_every_leg_is_there_with_its_owner(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(owner="Dev Example", owned_for_hours=2, also=["childrens_mash"], copies=["csp_board"])

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    legs = page.words[page.words.index("Who has it") :]
    assert "Dev Example for 2 hours" in legs
    assert legs.index("Children's MASH") < legs.index("Nobody yet") < legs.index("CSP Board")
    assert "No clock: for information" in legs


async def test_alerts_say_state_attempts_and_why_they_failed(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    system.alert(referral, "police")
    system.alert(referral, "womens_aid", state="failed", attempts=8, sent_at=None, failure="mailbox_full")

    page = await (await sign_in("dana")).open(f"/referrals/{referral.reference}")

    assert "Mortimer Police" in page.words
    assert "Failed Mailbox full. Tell them another way." in page.words


async def test_the_reference_may_be_typed_in_any_spelling(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    assert referral.reference
    dana = await sign_in("dana")

    answer = await dana.client.get("/search", params={"reference": f" {referral.reference.lower().replace('-', ' ').replace('0', 'o')} "})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/referrals/{referral.reference}")


async def test_a_reference_that_does_not_fit_together_is_explained(sign_in: SignIn) -> None:
    page = await (await sign_in("dana")).open("/search?reference=MV-12345-67890-Y", status=422)

    assert "“MV-12345-67890-Y” does not fit together" in page.words
    assert page.title.strip() == "Error: Find a referral – Fingerpost"


async def test_what_is_no_reference_at_all_is_told_apart_from_a_slip_and_stays_in_the_field(sign_in: SignIn) -> None:
    dana = await sign_in("dana")

    for typed, said in (("hello", "“hello” is no reference."), ("MV-12345-67890-Y", "“MV-12345-67890-Y” does not fit together")):
        answer = await dana.client.get("/search", params={"reference": typed})

        assert said in Reading(answer.text).words
        assert f'name="reference" type="text" value="{typed}"' in answer.text


async def test_the_example_of_a_reference_is_one(sign_in: SignIn) -> None:
    (example,) = re.findall(r"HC-[0-9A-Z-]+", (await (await sign_in("dana")).open("/search")).words)

    assert read_reference(example) == example


async def test_a_quarantine_reference_is_the_duty_desks(sign_in: SignIn, system: FakeSystem) -> None:
    item = system.quarantine()

    page = await (await sign_in("dana")).open(f"/search?reference={item.reference}")

    assert f"“{item.reference}” is not a referral yet. Quarantine is looked after by the duty desk." in page.words


async def test_a_quarantine_reference_leads_to_the_quarantine(sign_in: SignIn, system: FakeSystem) -> None:
    item = system.quarantine()
    olive = await sign_in("olive")

    answer = await olive.client.get("/search", params={"reference": item.reference})

    assert answer.headers["location"] == f"/quarantine#{item.reference}"
    assert item.reference in (await olive.open("/quarantine")).ids


async def test_a_referral_of_others_and_one_that_is_not_there_look_the_same(sign_in: SignIn, system: FakeSystem) -> None:
    theirs = system.refer("matac")
    dana = await sign_in("dana")

    hidden = await dana.client.get(f"/referrals/{theirs.reference}")
    absent = await dana.client.get("/referrals/MV-00000-00000-0")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.text == absent.text
    assert "Check the reference with whoever gave it." in absent.text


async def test_a_board_sees_band_and_themes_of_its_copy_and_no_facts(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(fired=(RULE,), tags=("serious_violence",), copies=["csp_board"], facts={"victim_age": 34})

    page = await (await sign_in("bea")).open(f"/referrals/{referral.reference}")

    assert "Themes: Serious violence" in page.words
    for hidden in ("Victim age", "34", "checklist", "Domestic abuse"):
        assert hidden not in page.words.replace("Domestic Abuse Sub-group", "")


async def test_a_board_learns_neither_who_sent_it_nor_who_else_has_a_part_or_was_told(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(also=["childrens_mash"], copies=["csp_board"], owner="Dev Example", owned_for_hours=2)
    address = f"/referrals/{referral.reference}"

    seen, by_board = [(await (await sign_in(person)).open(address)).words for person in ("dana", "bea")]

    for told in ("From ", "MASH", "Domestic Abuse Sub-group", "Dev Example", "Alerts to agencies"):
        assert told in seen
        assert told not in by_board
    assert "CSP Board" in by_board


async def test_what_somebody_wrote_is_never_read_as_markup(sign_in: SignIn, system: FakeSystem) -> None:
    rule = RULE.model_copy(update={"title": "<img src=x onerror=alert(1)>", "because": "{{ 7*7 }}"})
    referral = system.refer(fired=(rule,), owner="<b>Dev</b>")

    answer = await (await sign_in("dana")).client.get(f"/referrals/{referral.reference}")

    assert "<img src=x" not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text
    assert "{{ 7*7 }}" in answer.text
    assert "<b>Dev</b>" not in answer.text


@pytest.mark.parametrize("reference", ["x", "MV-12345-67890-Y", "..%2F..%2Fetc", "%00"])
async def test_a_reference_that_is_none_is_not_found(sign_in: SignIn, reference: str) -> None:
    await (await sign_in("olive")).open(f"/referrals/{reference}", status=404)
