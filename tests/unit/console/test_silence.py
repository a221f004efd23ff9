"""When a part of the system does not answer."""

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from tests.unit.console.conftest import SignIn
from tests.unit.console.fake_system import FakeSystem


@pytest.mark.parametrize(
    ("service", "address", "name"),
    [
        ("router", "/", "Routing"),
        ("router", "/queues/matac", "Routing"),
        ("intake", "/quarantine", "Intake"),
        ("notifier", "/deliveries", "Alerting"),
    ],
)
async def test_the_page_names_the_part_and_says_that_nothing_is_lost(
    sign_in: SignIn, system: FakeSystem, service: str, address: str, name: str
) -> None:
    olive = await sign_in("olive")
    system.silent.add(service)

    page = await olive.open(address, status=503)

    assert f"{name} is not answering" in page.words
    assert "Nothing is lost" in page.words


async def test_without_the_notifier_a_referral_is_shown_all_the_same(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")
    system.silent.add("notifier")

    page = await dana.open(f"/referrals/{referral.reference}", status=503)

    assert "Alerting is not answering just now" in page.words
    assert page.form("/acknowledge").fields["expected_version"] == "1"


async def test_operations_show_what_they_can_and_name_the_rest(sign_in: SignIn, system: FakeSystem) -> None:
    olive = await sign_in("olive")
    system.silent |= {"router", "mail catcher"}

    page = await olive.open("/operations", status=503)

    assert "Routing is not answering" in page.words
    assert "The mail catcher is not answering" in page.words
    assert "What became of each submission" in page.words or "cannot be compared" in page.words


async def test_the_page_comes_back_by_itself_once_the_part_does(sign_in: SignIn, system: FakeSystem) -> None:
    olive = await sign_in("olive")
    system.silent.add("router")
    await olive.open("/", status=503)
    system.silent.clear()

    await olive.open("/")


async def test_a_fault_of_the_console_itself_is_told_in_plain_words_and_shows_nothing_of_its_insides(
    application: FastAPI, sign_in: SignIn, system: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    olive = await sign_in("olive")
    unreadable = object()
    monkeypatch.setattr(system, "ask", unreadable)

    async with AsyncClient(
        transport=ASGITransport(application, raise_app_exceptions=False), base_url="http://console.example", cookies=olive.client.cookies
    ) as client:
        answer = await client.get("/")

    assert answer.status_code == 500
    assert answer.text.startswith("The console failed to make this page. No referral is lost.")
    assert "object" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
