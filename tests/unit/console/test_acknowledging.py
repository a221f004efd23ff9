"""Taking a leg: once, in one's own name, for one's own group."""

import asyncio
from datetime import timedelta

import pytest
from httpx import AsyncClient

from fingerpost_console.domain.asking import UnknownYet
from fingerpost_shared.contracts.queries.intake import ReferralView
from tests.unit.console.conftest import Browser, SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.reading import Form, Reading


async def the_form(browser: Browser, referral: ReferralView) -> Form:
    return (await browser.open(f"/referrals/{referral.reference}")).form("/acknowledge")


async def test_acknowledging_gives_the_leg_an_owner_and_the_next_page_says_so(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)

    answer = await dana.send(form.action, form.fields)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/referrals/{referral.reference}")
    page = await dana.open(answer.headers["location"])
    assert "Taken Dana Sample now owns this for Domestic Abuse Sub-group. Its clock has stopped." in page.words
    assert system.leg_of(referral, "domestic_abuse_subgroup").owner == "Dana Sample"
    assert not any(form.action.endswith("/acknowledge") for form in page.forms)


async def test_the_notice_is_told_once(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)
    await dana.send(form.action, form.fields)
    await dana.open(f"/referrals/{referral.reference}")

    assert "Its clock has stopped." not in (await dana.open(f"/referrals/{referral.reference}")).words


async def test_a_double_click_is_one_acknowledgement(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)

    answers = await asyncio.gather(*(dana.send(form.action, form.fields) for _ in range(2)))

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({action.action_id for action, _ in system.submitted}) == 1
    assert system.leg_of(referral, "domestic_abuse_subgroup").version == 2


async def test_each_time_the_page_is_opened_its_form_is_another_action(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")

    first, second = await the_form(dana, referral), await the_form(dana, referral)

    assert first.fields["action_id"] != second.fields["action_id"]


async def test_who_comes_second_is_told_who_has_it(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana, dev = await sign_in("dana"), await sign_in("dev")
    form_of_dana, form_of_dev = await the_form(dana, referral), await the_form(dev, referral)
    await dev.send(form_of_dev.action, form_of_dev.fields)

    answer = await dana.send(form_of_dana.action, form_of_dana.fields)

    page = await dana.open(answer.headers["location"])
    assert "Not taken It is acknowledged already: look at its owner before you do anything. Dev Example owns it." in page.words
    assert system.leg_of(referral, "domestic_abuse_subgroup").owner == "Dev Example"


async def test_the_action_names_the_person_and_the_version_they_saw(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)

    await dana.send(form.action, form.fields)

    action, viewer = system.submitted[0]
    assert (action.action, action.by, action.expected_version) == ("acknowledge", "Dana Sample", 1)
    assert viewer.id == "dana"


async def test_only_people_of_the_legs_group_are_offered_it(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(also=["childrens_mash"], copies=["csp_board"])

    for person in ("olive", "bea"):
        page = await (await sign_in(person)).open(f"/referrals/{referral.reference}")
        assert not any(form.action.endswith("/acknowledge") for form in page.forms)


async def test_another_groups_leg_cannot_be_taken_by_sending_the_form_all_the_same(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer(also=["childrens_mash"])
    dana = await sign_in("dana")
    form = await the_form(dana, referral)
    leg = system.leg_of(referral, "childrens_mash")

    answer = await dana.send(f"/referrals/{referral.reference}/legs/{leg.leg_id}/acknowledge", form.fields)

    assert answer.status_code == 404
    assert system.submitted == []


async def test_a_form_without_this_sessions_token_changes_nothing(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana, dev = await sign_in("dana"), await sign_in("dev")
    form = await the_form(dana, referral)
    of_dev = await the_form(dev, referral)

    answer = await dana.send(form.action, {**form.fields, "csrf": of_dev.fields["csrf"]})

    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text
    assert system.submitted == []


async def test_a_form_sent_after_the_session_has_ended_leads_to_the_sign_in(stranger: Browser, system: FakeSystem) -> None:
    referral = system.refer()
    leg = system.leg_of(referral, "domestic_abuse_subgroup")

    answer = await stranger.send(f"/referrals/{referral.reference}/legs/{leg.leg_id}/acknowledge", {"csrf": "old"})

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?")


async def test_who_acknowledges_after_the_session_has_ended_is_told_that_nothing_was_taken_and_is_back_at_the_page(
    sign_in: SignIn, system: FakeSystem
) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    late = await the_form(dana, referral)
    system.now += timedelta(minutes=40)

    answer = await dana.send(late.action, late.fields)
    sign_in_page = await dana.open(answer.headers["location"])
    assert "Not done Nothing was changed You were signed out before you sent that form." in sign_in_page.words
    form = sign_in_page.form("/sign-in")
    again = await dana.send(form.action, form.fields)  # nobody was chosen
    form = Reading(again.text).form("/sign-in")
    answer = await dana.send(form.action, {**form.fields, "person": "dana"})

    assert answer.headers["location"] == f"/referrals/{referral.reference}"
    page = await dana.open(answer.headers["location"])
    assert "Not done Nothing was changed You were signed out when you sent the form that stands here." in page.words
    assert system.submitted == []
    assert system.leg_of(referral, "domestic_abuse_subgroup").owner is None
    form = page.form("/acknowledge")
    await dana.send(form.action, form.fields)
    assert system.leg_of(referral, "domestic_abuse_subgroup").owner == "Dana Sample"


async def test_who_is_signed_in_stays_so_when_another_site_sends_a_form(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)

    async with AsyncClient(transport=dana.client._transport, base_url="http://console.example") as without_cookies:
        answer = await without_cookies.post(form.action, data=form.fields)

    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert system.submitted == []


async def test_when_routing_is_away_nothing_was_sent_and_the_page_says_so(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)
    system.silent.add("router")

    answer = await dana.send(form.action, form.fields)

    assert answer.status_code == 503
    assert "What you asked for was not sent, and nothing has changed." in answer.text


async def test_an_action_that_is_stored_but_not_confirmed_is_not_called_lost(
    sign_in: SignIn, system: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    form = await the_form(dana, referral)

    async def stored_only(*_: object) -> None:
        raise UnknownYet("router")

    monkeypatch.setattr(system, "act", stored_only)
    answer = await dana.send(form.action, form.fields)

    assert answer.status_code == 503
    assert "What you asked for is stored and will be done." in answer.text
