"""Quarantine, deliveries and operations: for those who watch over every queue."""

import pytest

from fingerpost_shared.contracts.events import Reason
from tests.unit.console.conftest import SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.sample import a_busy_morning


@pytest.mark.parametrize("address", ["/quarantine", "/deliveries", "/operations"])
async def test_a_caseworker_has_no_such_page(sign_in: SignIn, address: str) -> None:
    await (await sign_in("dana")).open(address, status=404)


async def test_quarantine_says_what_from_whom_and_why(sign_in: SignIn, system: FakeSystem) -> None:
    item = system.quarantine(Reason(code="unreadable_cell", pointer="victim_dob"), Reason(code="unknown_kind", pointer="/kinds"))

    page = await (await sign_in("olive")).open("/quarantine")

    assert "1 waits for a person to mend it." in page.words
    for words in (item.reference, "Mortimer Vale Council", "2 hours ago", "The cell cannot be read (at victim_dob)", "To mend"):
        assert words in page.words


@pytest.mark.parametrize("content_type", ["", "ivy/canaryson"])
async def test_what_came_in_no_known_format_is_called_so_and_never_by_its_senders_words(
    sign_in: SignIn, system: FakeSystem, content_type: str
) -> None:
    system.quarantined.append(system.quarantine().model_copy(update={"content_type": content_type}))

    page = await (await sign_in("olive")).open("/quarantine")

    assert "unknown format, 2,048 bytes" in page.words
    assert "canaryson" not in page.words


async def test_an_empty_quarantine_says_so(sign_in: SignIn) -> None:
    assert "Nothing waits in quarantine." in (await (await sign_in("olive")).open("/quarantine")).words


async def test_deliveries_counts_are_links_and_failures_have_reasons(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    system.alert(referral, "police")
    system.alert(referral, "womens_aid", state="failed", attempts=8, sent_at=None, failure="mailbox_full")

    page = await (await sign_in("olive")).open("/deliveries?state=failed")

    assert page.links["/deliveries?state=failed"] == "1 failed"
    assert page.links["/deliveries?state=sent"] == "1 sent"
    assert "Mailbox full" in page.words
    assert "Mortimer Police" not in page.words


async def test_deliveries_are_paged_and_keep_their_filter(sign_in: SignIn, system: FakeSystem) -> None:
    for _ in range(60):
        system.alert(system.refer(), "police")

    olive = await sign_in("olive")
    page = await olive.open("/deliveries?state=sent")

    (later,) = [address for address, text in page.links.items() if text == "Next page"]
    assert later.startswith("/deliveries?state=sent&after=")
    assert "End of the list" in (await olive.open(later)).words


@pytest.mark.parametrize("address", ["/deliveries", "/quarantine", "/queues/matac"])
@pytest.mark.parametrize("place", ["garbage", "0/P1/2026-11-25T09:30:00", "2026-11-25T09:30:00%2B00:00/6a5ac6a8-cut-short"])
async def test_an_address_whose_place_in_the_list_is_damaged_leads_to_its_start(sign_in: SignIn, address: str, place: str) -> None:
    page = await (await sign_in("olive")).open(f"{address}?after={place}", status=400)

    assert "This address is not complete" in page.words
    assert "Go to the start of the list" in page.links[address]


async def test_operations_say_whether_the_books_balance(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer()
    olive = await sign_in("olive")
    assert "The books balance: each of 1 referral" in (await olive.open("/operations")).words

    system.lost = 2

    page = await olive.open("/operations")
    assert "The books do not balance: routing does not know 2 referrals" in page.words
    assert "fingerpost reconcile" in page.words


async def test_operations_show_the_mail_that_the_demo_caught(sign_in: SignIn, system: FakeSystem) -> None:
    busy, notable = a_busy_morning()
    system.mail = busy.mail

    page = await (await sign_in("olive")).open("/operations")

    assert f"{notable.reference}: please look" in page.words
    assert "To duty@police.example" in page.words
