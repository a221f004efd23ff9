"""A destination's queue."""

import pytest

from tests.unit.console.conftest import SignIn
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.reading import Reading

QUEUE = "/queues/domestic_abuse_subgroup"


def references(page: Reading) -> list[str]:
    return [address.removeprefix("/referrals/") for address in page.links if address.startswith("/referrals/")]


async def test_a_row_says_band_age_due_owner_and_state_in_words(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer(band="P1", hours_ago=26, due_in_hours=-2)

    page = await (await sign_in("dana")).open(QUEUE)

    row = page.words[page.words.index("State", page.words.index("Received")) :]
    for words in ("P1 most urgent", "26 hours ago", "2 hours overdue since today at 07:30", "Nobody yet", "Waiting"):
        assert words in row


async def test_what_a_colleague_has_taken_stays_in_view_with_their_name_and_since_when(sign_in: SignIn, system: FakeSystem) -> None:
    taken = system.refer(owner="Dev Example", owned_for_hours=18)

    page = await (await sign_in("dana")).open(QUEUE)

    assert references(page) == [taken.reference]
    assert "Dev Example for 18 hours" in page.words


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("unclosed", "What waits comes first, then what somebody has taken, which stays here until it is closed."),
        ("waiting", "The most urgent band comes first, then the longest waiting."),
        ("overdue", "The most urgent band comes first, then the longest waiting."),
        ("owned", "The most urgent band comes first, then what was received first. What is taken stays here until it is closed."),
        ("mine", "then what was received first. What you took stays here until it is closed."),
        ("copies", "The most urgent band comes first, then what was received first."),
    ],
)
async def test_each_filter_says_its_own_order_and_keeps_it(sign_in: SignIn, system: FakeSystem, show: str, words: str) -> None:
    taken = {"owner": "Dana Sample", "due_in_hours": -1}
    young, old = system.refer(band="P1", hours_ago=1, due_in_hours=-1), system.refer(band="P1", hours_ago=5, due_in_hours=-1)
    first, second = system.refer(band="P1", hours_ago=9, **taken), system.refer(band="P3", hours_ago=9, **taken)
    late = system.refer(band="P4", hours_ago=30, due_in_hours=-1)
    copies = [system.refer("matac", band=band, copies=["domestic_abuse_subgroup"]) for band in ("P2", "P1")]

    page = await (await sign_in("dana")).open(f"{QUEUE}?show={show}")

    waiting, owned = [old, young, late], [first, second]
    every = {"unclosed": waiting + owned, "waiting": waiting, "overdue": waiting, "owned": owned, "mine": owned, "copies": copies[::-1]}
    assert references(page) == [one.reference for one in every[show]]
    assert words in page.words
    assert ("stays here" in page.words) == (show in ("unclosed", "owned", "mine"))


async def test_filters_are_links_that_say_which_is_chosen(sign_in: SignIn, system: FakeSystem) -> None:
    late, waiting = system.refer(due_in_hours=-1), system.refer(due_in_hours=9)
    mine, theirs = system.refer(owner="Dana Sample"), system.refer(owner="Dev Example")
    copy = system.refer("matac", copies=["domestic_abuse_subgroup"])
    dana = await sign_in("dana")

    shown = {show: set(references(await dana.open(f"{QUEUE}?show={show}"))) for show in ("overdue", "waiting", "owned", "mine", "copies")}

    assert shown == {
        "overdue": {late.reference},
        "waiting": {late.reference, waiting.reference},
        "owned": {mine.reference, theirs.reference},
        "mine": {mine.reference},
        "copies": {copy.reference},
    }
    assert f"{QUEUE}?show=overdue" in (await dana.open(QUEUE)).links


async def test_a_band_narrows_and_is_kept_when_the_filter_changes(sign_in: SignIn, system: FakeSystem) -> None:
    urgent = system.refer(band="P1")
    system.refer(band="P3")

    page = await (await sign_in("dana")).open(f"{QUEUE}?show=waiting&band=P1")

    assert references(page) == [urgent.reference]
    assert f"{QUEUE}?show=overdue&band=P1" in page.links


@pytest.mark.parametrize(("show", "words"), [("overdue", "Nothing is overdue."), ("mine", "You own nothing here.")])
async def test_an_empty_view_says_so_in_words(sign_in: SignIn, show: str, words: str) -> None:
    page = await (await sign_in("dana")).open(f"{QUEUE}?show={show}")

    assert words in page.words


async def test_every_leg_of_a_long_queue_is_on_exactly_one_page(sign_in: SignIn, system: FakeSystem) -> None:
    every = {system.refer(band=f"P{1 + number % 4}", owner="Dana Sample" if number % 3 else None).reference for number in range(130)}
    dana = await sign_in("dana")

    seen: list[str] = []
    address: str | None = QUEUE
    while address:
        page = await dana.open(address)
        seen += references(page)
        address = next((link for link, text in page.links.items() if text == "Next page"), None)

    assert len(seen) == 130
    assert set(seen) == every


async def test_few_legs_that_fit_are_found_on_one_page_however_far_apart_they_are(sign_in: SignIn, system: FakeSystem) -> None:
    for _ in range(120):
        system.refer(owner="Dev Example")
    mine = [system.refer(band="P4", owner="Dana Sample").reference for _ in range(2)]

    page = await (await sign_in("dana")).open(f"{QUEUE}?show=mine")

    assert set(references(page)) == set(mine)
    assert "Next page" not in page.words


async def test_a_caseworker_cannot_look_into_another_groups_queue(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer("matac")

    page = await (await sign_in("dana")).open("/queues/matac", status=404)

    assert "There is no such page, or it is not for your group. Choose the group’s queue from Today." in page.words


async def test_a_watcher_can_look_into_any_queue_but_not_into_one_that_is_not_there(sign_in: SignIn) -> None:
    olive = await sign_in("olive")

    await olive.open("/queues/matac")
    await olive.open("/queues/no_such_group", status=404)


@pytest.mark.parametrize("query", ["show=everything", "band=P12", "band=<script>", f"after={'x' * 501}"])
async def test_an_address_that_makes_no_sense_is_answered_with_a_page(sign_in: SignIn, query: str) -> None:
    page = await (await sign_in("dana")).open(f"{QUEUE}?{query}", status=400)

    assert "This address is not complete" in page.words
    assert "<script>" not in page.words
