"""What a page learns about itself while it is open."""

import re
from datetime import timedelta

from tests.unit.console.conftest import Browser, SignIn
from tests.unit.console.fake_system import FakeSystem


async def watched_address(browser: Browser, page: str) -> str:
    text = (await browser.client.get(page)).text
    found = re.search(r'hx-get="([^"]+)"', text)
    assert found
    return found.group(1).replace("&amp;", "&")


async def test_nothing_new_is_not_announced(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer()
    olive = await sign_in("olive")
    address = await watched_address(olive, "/")
    system.now += timedelta(seconds=30)

    assert (await olive.open(address)).words == "As at 09:30:30"


async def test_what_came_meanwhile_is_announced_with_a_link_and_no_row_moves(sign_in: SignIn, system: FakeSystem) -> None:
    olive = await sign_in("olive")
    address = await watched_address(olive, "/")
    system.refer("matac", due_in_hours=-1)

    page = await olive.open(address)

    assert page.words == "As at 09:30:00 1 more waiting, 1 more overdue . Show".replace(" .", ".")


async def test_a_queue_watches_itself_alone(sign_in: SignIn, system: FakeSystem) -> None:
    olive = await sign_in("olive")
    address = await watched_address(olive, "/queues/childrens_mash")
    system.refer("matac")
    assert "more" not in (await olive.open(address)).words
    system.refer("childrens_mash")

    assert "1 more waiting" in (await olive.open(address)).words


async def test_a_caseworker_learns_nothing_of_other_groups(sign_in: SignIn, system: FakeSystem) -> None:
    dana = await sign_in("dana")
    await dana.open("/")
    system.refer("matac")

    assert "more" not in (await dana.open("/freshness?queue=matac&seen=0.0.0.e3b0c442")).words


async def test_an_open_page_does_not_keep_the_session_alive_and_warns_before_it_ends(sign_in: SignIn, system: FakeSystem) -> None:
    dana = await sign_in("dana")
    system.now += timedelta(minutes=13)

    assert "You will be signed out at 09:45. Stay signed in" in (await dana.open("/freshness")).words

    system.now += timedelta(minutes=2)
    assert "You have been signed out." in (await dana.open("/freshness", status=401)).words


async def test_a_silent_router_is_an_error_that_the_page_turns_into_not_live(sign_in: SignIn, system: FakeSystem) -> None:
    olive = await sign_in("olive")
    address = await watched_address(olive, "/")
    system.silent.add("router")

    assert (await olive.client.get(address)).status_code == 503
