"""The rules' pages: which set decides, what another would change, and that a second coordinator approves it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fingerpost_console.domain.publishing_time import NotATime, Typed, read_time
from fingerpost_shared.contracts.events import RulesetSubmitted
from tests.unit.console.conftest import Browser, SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.reading import Reading
from tests.unit.router.building import RULES

LONDON = ZoneInfo("Europe/London")
NEWER = RULES.replace("ruleset: 1", "ruleset: 2").replace("lead: matac, band: P4", "lead: matac, band: P3").replace("2d", "3d")
AS_02 = """\
- id: AS-02
  title: Twice is for MARAC
  when: {kinds: has asb, repeats_6m: at least 2, any_of: [{weapon: unknown or bladed, repeats_12m: over 3}, {pair_repeats_12m: at least 1}]}
  then: {lead: marac, band: P1, also: [csp_duty_desk], within: 24h, feedback: received}
  overrides: [AS-01]
  because: Local practice
"""
MORE = RULES.replace("ruleset: 1", "ruleset: 2") + AS_02
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LATER = {"day": "1", "month": "12", "year": "2026", "clock": "09:00"}


@pytest.fixture
def newer(system: FakeSystem) -> str:
    """The hash of a newer set that Cora drafted."""
    return system.rules.draft(NEWER)


@pytest.fixture
def previewed(system: FakeSystem, newer: str) -> str:
    system.rules.look(newer)
    return newer


async def send(browser: Browser, hash: str, step: str, **fields: str) -> str:
    """Send the form for a step; returns what the next page says."""
    form = (await browser.open(f"/rules/{hash}")).form(f"/{step}")
    answer = await browser.send(form.action, {**form.fields, **fields})
    assert answer.status_code == 303, answer.text
    return (await browser.open(answer.headers["location"])).words


@pytest.mark.parametrize("person", ["dana", "olive", "pat"])
async def test_only_coordinators_have_these_pages(sign_in: SignIn, previewed: str, person: str) -> None:
    browser = await sign_in(person)
    for address in ("/rules", f"/rules/{previewed}"):
        await browser.open(address, status=404)
    assert "/rules" not in (await browser.open("/")).links


async def test_the_list_says_which_set_is_in_force_and_where_each_is_in_its_life(sign_in: SignIn, system: FakeSystem) -> None:
    system.rules.draft(NEWER.replace("ruleset: 2", "ruleset: 3"), findings=("AS-01 never fires.",), title="Faulty")
    retired = system.rules.draft(NEWER, title="Newer")
    system.rules.publish(retired, system.now - timedelta(hours=3))
    system.rules.publish(next(iter(system.rules.sets)), system.now - timedelta(hours=1))
    announced = system.rules.draft(NEWER.replace("ruleset: 2", "ruleset: 4"), title="Next")
    system.rules.publish(announced, system.now + timedelta(days=2))

    page = await (await sign_in("cora")).open("/rules")

    assert "Rule set 1 is in force since today at 08:30, published by Cora Madeup" in page.words
    for words in ("Faulty", "Draft", "Retired", "Announced from Fri 27 Nov at 09:30", "In force from today at 08:30"):
        assert words in page.words
    assert page.links[f"/rules/{announced}"].startswith("Rule set 4")
    assert "fingerpost rules draft rules.yaml --by cora; it cannot be uploaded here" in " ".join(page.words.replace(" ;", ";").split())


async def test_a_publication_that_another_took_the_place_of_is_withdrawn(sign_in: SignIn, system: FakeSystem) -> None:
    announced = system.rules.draft(NEWER, title="Newer")
    system.rules.publish(announced, system.now + timedelta(days=3652))
    system.rules.publish(next(iter(system.rules.sets)), system.now + timedelta(minutes=1))

    page = await (await sign_in("cora")).open("/rules")

    assert (page.words.count("Withdrawn"), page.words.count("Announced")) == (1, 1)


async def test_a_set_that_fails_a_proof_shows_why_and_offers_nothing(sign_in: SignIn, system: FakeSystem) -> None:
    faulty = system.rules.draft(NEWER, findings=("There is a gap: a referral with hate_crime alone gets no lead.",))

    page = await (await sign_in("caspar")).open(f"/rules/{faulty}")

    assert "There is a gap: a referral with hate_crime alone gets no lead." in page.words
    assert "The proofs found faults." in page.words
    assert not any("/rules/" in form.action for form in page.forms)


async def test_a_set_nobody_previewed_cannot_be_approved_and_says_how_to_preview_it(sign_in: SignIn, newer: str) -> None:
    page = await (await sign_in("caspar")).open(f"/rules/{newer}")

    assert "fingerpost rules preview rules.yaml --by caspar" in page.words
    assert not any(form.action.endswith("/approve") for form in page.forms)


async def test_the_difference_from_the_set_in_force_comes_with_what_is_less_urgent_first(sign_in: SignIn, newer: str) -> None:
    words = (await (await sign_in("caspar")).open(f"/rules/{newer}")).words

    assert "Compared with the set in force (rule set 1)." in words
    assert "Band: P4 becomes P3" in words
    assert "Within: 48 hours becomes 72 hours" in words
    assert words.index("Less urgent: ") < words.index("More urgent: ")


async def test_the_set_in_force_is_not_compared_with_itself(sign_in: SignIn, system: FakeSystem) -> None:
    words = (await (await sign_in("cora")).open(f"/rules/{next(iter(system.rules.sets))}")).words

    assert "This is the set in force." in words


async def test_the_preview_shows_workload_bands_and_the_less_urgent_referrals_first(sign_in: SignIn, previewed: str) -> None:
    page = await (await sign_in("caspar")).open(f"/rules/{previewed}")

    assert "4 of 217 would have been decided otherwise; 1 would have been less urgent" in page.words
    assert "Previewed by Cora Madeup, today at 07:30" in page.words
    assert "MATAC 88 84 -4" in page.words
    assert "Duty desk 9 13 +4" in page.words
    assert list(page.links).index("/referrals/MV-7K3MQ-2XD9F-W") < list(page.links).index("/referrals/MV-2VHXD-ZHSH7-C")
    assert "2 more are not shown here" in page.words


async def test_a_preview_older_than_the_set_in_force_is_called_out(sign_in: SignIn, system: FakeSystem, previewed: str) -> None:
    other = system.rules.draft(NEWER.replace("ruleset: 2", "ruleset: 5"))
    system.rules.publish(other, system.now - timedelta(hours=1))

    assert "Preview it again before you decide." in (await (await sign_in("caspar")).open(f"/rules/{previewed}")).words


async def test_a_set_that_came_into_force_after_its_own_preview_is_not_told_of_another(
    sign_in: SignIn, system: FakeSystem, previewed: str
) -> None:
    system.rules.publish(previewed, system.now - timedelta(hours=1))

    words = (await (await sign_in("caspar")).open(f"/rules/{previewed}")).words

    assert "Previewed by Cora Madeup" in words
    assert "Another set has come into force" not in words


async def test_each_rule_is_read_in_words_with_what_it_gives_and_why(sign_in: SignIn, system: FakeSystem) -> None:
    page = await (await sign_in("cora")).open(f"/rules/{system.rules.draft(MORE)}")

    assert (
        "Domestic abuse goes to MARAC DA-01 When this holds: Kinds: has domestic abuse Then: MARAC leads Band P2 Copy to CSP Board "
        "Alert to Mortimer Police Theme: Prevention Within 2 working days Because: Domestic Abuse Act 2021 s.1"
    ) in page.words
    assert (
        "Twice is for MARAC AS-02 When all of this holds: Kinds: has ASB repeats 6m: at least 2 "
        "And when at least one of these holds: weapon: unknown or bladed, and repeats 12m: over 3 pair repeats 12m: at least 1 "
        "Then: MARAC leads Band P1 Duty desk must own a part Within 24 hours The referrer is told only that it was received "
        "Its lead takes the place of that of AS-01 . Because: Local practice"
    ) in page.words
    assert "P1 24 hours, P2 72 hours, P3 5 working days, P4 10 working days" in page.words
    assert "Where no rule says who leads: Duty desk leads, Band P2." in page.words


async def test_each_rule_has_a_place_of_its_own_to_link_to(sign_in: SignIn, system: FakeSystem) -> None:
    hash = system.rules.draft(MORE)
    cora = await sign_in("cora")

    page = await cora.open(f"/rules/{hash}")

    assert {"rules", "rule-AS-01", "rule-AS-02", "rule-DA-01", "rule-WP-01"} <= set(page.ids)
    assert {"#rules", "#rule-AS-01"} <= page.links.keys()
    assert f"/rules/{next(iter(system.rules.sets))}#rules" in (await cora.open("/rules")).links


@pytest.mark.parametrize(("extra", "is_open"), [(0, True), (20, False)])
async def test_many_rules_are_folded_away(sign_in: SignIn, system: FakeSystem, extra: int, is_open: bool) -> None:
    rules = RULES + "".join(AS_02.replace("AS-02", f"AS-{number:02}") for number in range(10, 10 + extra))
    hash = system.rules.draft(rules)

    text = (await (await sign_in("cora")).client.get(f"/rules/{hash}")).text

    assert f"All rules ({3 + extra})" in text
    assert ('<details class="govuk-details" open>' in text) == is_open


async def test_a_set_whose_text_no_longer_reads_says_so(sign_in: SignIn, system: FakeSystem) -> None:
    hash = system.rules.draft(NEWER)
    kept = system.rules.sets[hash]
    kept.text = kept.text.model_copy(update={"rules": "rules: of another time"})

    words = (await (await sign_in("cora")).open(f"/rules/{hash}")).words

    assert "The text of one of them can no longer be read, so only the preview can tell." in words
    assert "The text of this set can no longer be read, so its rules cannot be shown." in words


async def test_a_second_coordinator_approves_it_in_their_own_name(sign_in: SignIn, system: FakeSystem, previewed: str) -> None:
    words = await send(await sign_in("caspar"), previewed, "approve")

    assert "Approved It can now be published." in words
    assert system.rules.sets[previewed].record.approved_by == "caspar"
    ((step, viewer),) = system.submitted
    assert isinstance(step, RulesetSubmitted)
    assert (step.action, step.by, viewer.id) == ("approve", "caspar", "caspar")


async def test_its_author_is_told_to_ask_another_and_is_refused_all_the_same(sign_in: SignIn, system: FakeSystem, previewed: str) -> None:
    cora = await sign_in("cora")
    page = await cora.open(f"/rules/{previewed}")
    assert "You drafted it, so somebody else has to approve it." in page.words
    assert not any(form.action.endswith("/approve") for form in page.forms)

    form = {"csrf": page.form("/sign-out").fields["csrf"], "action_id": "00000000-0000-4000-8000-000000000001"}
    answer = await cora.send(f"/rules/{previewed}/approve", form)

    said = (await cora.open(answer.headers["location"])).words
    assert "Not approved Its author cannot approve it: ask another coordinator." in said
    assert system.rules.sets[previewed].record.state == "previewed"


@pytest.mark.parametrize("step", ["approve", "publish"])
async def test_nobody_else_can_take_a_step_by_sending_the_form(sign_in: SignIn, system: FakeSystem, previewed: str, step: str) -> None:
    olive = await sign_in("olive")
    csrf = (await olive.open("/")).form("/sign-out").fields["csrf"]
    form = {"csrf": csrf, "action_id": "00000000-0000-4000-8000-000000000001", **LATER}

    assert (await olive.send(f"/rules/{previewed}/{step}", form)).status_code == 404
    assert system.submitted == []


async def test_an_approved_set_is_published_for_a_time_of_the_partnerships_clock(
    sign_in: SignIn, system: FakeSystem, previewed: str
) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")

    words = await send(caspar, previewed, "publish", **LATER)

    assert "Published It decides what is received from Tue 1 Dec at 09:00 on." in words
    assert "Announced from Tue 1 Dec at 09:00" in words
    assert system.rules.publications[-1].live_from == datetime(2026, 12, 1, 9, tzinfo=UTC)


async def test_a_set_announced_for_two_times_shows_the_earlier_and_says_that_both_stand(
    sign_in: SignIn, system: FakeSystem, previewed: str
) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")
    await send(caspar, previewed, "publish", **LATER)

    words = await send(caspar, previewed, "publish", **{**LATER, "day": "3"})

    assert "It decides what is received from Thu 3 Dec at 09:00 on." in words
    assert "It is also announced from Tue 1 Dec at 09:00; that stands." in words
    assert "Announced from Tue 1 Dec at 09:00" in words
    assert "Announced from Tue 1 Dec at 09:00" in (await caspar.open("/rules")).words


async def test_a_publication_names_what_it_withdraws(sign_in: SignIn, system: FakeSystem, previewed: str) -> None:
    other = system.rules.draft(NEWER.replace("ruleset: 2", "ruleset: 5"))
    system.rules.publish(other, datetime(2026, 12, 7, 9, tzinfo=UTC))
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")

    words = await send(caspar, previewed, "publish", **LATER)

    assert f"It decides what is received from Tue 1 Dec at 09:00 on. Withdrawn: {other[:12]} of Mon 7 Dec at 09:00." in words


async def test_the_same_set_for_the_same_time_again_is_already_announced(sign_in: SignIn, system: FakeSystem, previewed: str) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")
    await send(caspar, previewed, "publish", **LATER)

    words = await send(caspar, previewed, "publish", **LATER)

    assert "Already announced It decides what is received from Tue 1 Dec at 09:00 on." in words
    assert "Withdrawn" not in words
    assert len(system.rules.publications) == 2


async def test_a_form_that_is_sent_again_with_another_time_tells_the_time_that_was_published(
    sign_in: SignIn, system: FakeSystem, previewed: str
) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")
    form = (await caspar.open(f"/rules/{previewed}")).form("/publish")

    for day in ("1", "2"):
        answer = await caspar.send(form.action, {**form.fields, **LATER, "day": day})

        assert "It decides what is received from Tue 1 Dec at 09:00 on." in (await caspar.open(answer.headers["location"])).words
    assert len(system.rules.publications) == 2


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"day": "31", "month": "2"}, "live-from-day", "Enter a day that is in the calendar"),
        ({"year": ""}, "live-from-day", "Enter a day that is in the calendar"),
        ({"clock": "nine"}, "clock", "Enter an hour and minutes on the 24-hour clock"),
        ({"year": "2025"}, "live-from-day", "That day is past; choose a later one"),
        ({"year": "26"}, "live-from-day", "That day is past; write the year with four figures"),
        ({"day": "25", "month": "11"}, "clock", "It can come into force 30 seconds from now at the earliest: choose a later time."),
        ({"year": "2062"}, "live-from-day", "It can be announced for the next 366 days"),
    ],
)
async def test_a_time_that_cannot_be_is_asked_for_again_with_what_was_typed(
    sign_in: SignIn, system: FakeSystem, previewed: str, typed: dict[str, str], field: str, error: str
) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")
    form = (await caspar.open(f"/rules/{previewed}")).form("/publish")

    wanted = {**LATER, **typed}

    answer = await caspar.send(form.action, {**form.fields, **wanted})

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert error in Reading(answer.text).links[f"#{field}"]
    assert f'value="{wanted["month"]}"' in answer.text
    assert len(system.rules.publications) == 1


async def test_an_empty_publish_form_is_told_of_the_day_and_of_the_hour(sign_in: SignIn, previewed: str) -> None:
    caspar = await sign_in("caspar")
    await send(caspar, previewed, "approve")
    form = (await caspar.open(f"/rules/{previewed}")).form("/publish")

    page = Reading((await caspar.send(form.action, form.fields)).text)

    assert page.links["#live-from-day"] == "Enter a day that is in the calendar, such as 27 3 2027"
    assert page.links["#clock"] == "Enter an hour and minutes on the 24-hour clock, such as 09:00"
    assert page.words.count("Enter a day that is in the calendar") == page.words.count("Enter an hour and minutes") == 2


async def test_a_hash_of_no_set_has_no_page(sign_in: SignIn) -> None:
    page = await (await sign_in("cora")).open(f"/rules/{'0' * 64}", status=404)

    assert "Check the digits of the rule set’s hash" in page.words
    assert "Check the reference" not in page.words


@pytest.mark.parametrize("digits", [8, 12, 63])
async def test_the_beginning_of_a_hash_leads_to_its_set(sign_in: SignIn, newer: str, digits: int) -> None:
    answer = await (await sign_in("cora")).client.get(f"/rules/{newer[:digits]}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/rules/{newer}")


async def test_a_beginning_of_no_set_or_of_several_leads_nowhere(sign_in: SignIn, system: FakeSystem, newer: str) -> None:
    cora = await sign_in("cora")
    system.rules.publish(newer[:20] + "0" * 44, system.now + timedelta(days=1))

    for beginning in ("00000000", newer[:12]):
        page = await cora.open(f"/rules/{beginning}", status=404)
        assert "choose it from the list of rule sets" in page.words


async def test_too_few_digits_of_a_hash_are_no_address(sign_in: SignIn, newer: str) -> None:
    await (await sign_in("cora")).open(f"/rules/{newer[:7]}", status=400)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        (Typed("1", "7", "2027", "09:00"), datetime(2027, 7, 1, 8, tzinfo=UTC)),
        (Typed("01", "12", "2026", "9.30"), datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
        (Typed("31", "10", "2027", "01:30"), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_by_the_partnerships_clock(typed: Typed, moment: datetime) -> None:
    assert read_time(typed, LONDON, NOW) == moment


@pytest.mark.parametrize("clock", ["", "25:00", "nine", "09:00+02:00", "02:60", "123456", "\0", "9:3"])
def test_what_is_no_hour_is_refused(clock: str) -> None:
    assert isinstance(read_time(Typed("1", "12", "2026", clock), LONDON, NOW), NotATime)


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    refused = read_time(Typed("28", "3", "2027", "01:30"), LONDON, NOW)

    assert isinstance(refused, NotATime)
    assert refused.of_the_day is None
    assert "clocks go forward" in (refused.of_the_hour or "")
