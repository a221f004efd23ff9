"""The development sign-in."""

from datetime import timedelta
from pathlib import Path

import pytest

from fingerpost_console.app import NotForProduction, create_app
from tests.unit.console.conftest import Browser, SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.partnership import settings_in
from tests.unit.console.reading import Reading


@pytest.mark.parametrize("address", ["/", "/queues/matac", "/quarantine", "/search?reference=x", "/referrals/MV-00000-00000-0"])
async def test_every_page_asks_who_you_are_first(stranger: Browser, address: str) -> None:
    answer = await stranger.client.get(address)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_after_signing_in_one_is_back_at_the_page_that_was_asked_for(stranger: Browser) -> None:
    asked = await stranger.client.get("/queues/matac?show=overdue")
    form = (await stranger.open(asked.headers["location"])).form("/sign-in")

    answer = await stranger.send("/sign-in", {**form.fields, "person": "mo"})

    assert answer.headers["location"] == "/queues/matac?show=overdue"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"])
async def test_signing_in_never_leads_to_another_site(stranger: Browser, elsewhere: str) -> None:
    form = (await stranger.open("/sign-in")).form("/sign-in")

    answer = await stranger.send("/sign-in", {**form.fields, "person": "mo", "next": elsewhere})

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("address", ["/sign-out", "/sign-in"])
async def test_a_form_that_stands_on_no_page_of_its_own_leads_to_the_sign_in_alone(stranger: Browser, address: str) -> None:
    answer = await stranger.send(address, {"csrf": "old"})

    assert answer.headers["location"] == "/sign-in"
    assert "Nothing was changed" not in (await stranger.open("/sign-in")).words


async def test_a_form_about_a_rule_set_leads_back_to_the_rule_set(stranger: Browser) -> None:
    answer = await stranger.send(f"/rules/{'a' * 64}/approve", {"csrf": "old"})

    assert answer.headers["location"] == f"/sign-in?next=%2Frules%2F{'a' * 64}&unsent=1"


async def test_the_sign_in_is_marked_as_one_for_development(stranger: Browser) -> None:
    page = await stranger.open("/sign-in")

    assert page.title.strip() == "Sign in – Fingerpost"
    assert "Development sign-in: anybody can be anybody here" in page.words


@pytest.mark.parametrize("person", ["", "nobody_we_know"])
async def test_whoever_is_not_in_the_directory_is_asked_again(stranger: Browser, person: str) -> None:
    form = (await stranger.open("/sign-in")).form("/sign-in")

    answer = await stranger.send("/sign-in", {**form.fields, "person": person})

    assert answer.status_code == 422
    assert "Choose who you are" in answer.text
    assert Reading(answer.text).title.strip() == "Error: Sign in – Fingerpost"


async def test_a_sign_in_form_of_another_site_is_not_taken(stranger: Browser) -> None:
    await stranger.open("/sign-in")

    answer = await stranger.send("/sign-in", {"person": "mo", "csrf": "guessed"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Browser) -> None:
    cookie = (await stranger.client.get("/sign-in")).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_signing_in_makes_a_new_session_so_that_a_planted_one_is_worth_nothing(stranger: Browser) -> None:
    form = (await stranger.open("/sign-in")).form("/sign-in")
    await stranger.send("/sign-in", {**form.fields, "person": "mo"})

    assert (await stranger.open("/")).form("/sign-out").fields["csrf"] != form.fields["csrf"]


async def test_signing_out_ends_it(sign_in: SignIn) -> None:
    mo = await sign_in("mo")
    form = (await mo.open("/")).form("/sign-out")

    await mo.send("/sign-out", form.fields)

    assert (await mo.client.get("/")).status_code == 303


async def test_the_address_of_signing_out_leads_back_and_ends_nothing(sign_in: SignIn) -> None:
    mo = await sign_in("mo")

    page = await mo.open("/sign-out", status=405)

    assert "It is done by a button on one of the console’s pages. Nothing was changed." in page.words
    assert page.links["/"].endswith("Go to Today")
    assert (await mo.client.get("/")).status_code == 200


async def test_without_a_page_for_a_quarter_of_an_hour_one_is_signed_out(sign_in: SignIn, system: FakeSystem) -> None:
    mo = await sign_in("mo")
    system.now += timedelta(minutes=14)
    await mo.open("/")
    system.now += timedelta(minutes=14)
    await mo.open("/")
    system.now += timedelta(minutes=15)

    assert (await mo.client.get("/")).headers["location"] == "/sign-in"


def test_the_console_refuses_to_start_in_production_and_says_why(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, environment="production")

    with pytest.raises(NotForProduction, match=r"development sign-in.*FINGERPOST_ENVIRONMENT=demo"):
        create_app(settings)
