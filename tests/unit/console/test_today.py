"""The Today page."""

from tests.unit.console.conftest import SignIn
from tests.unit.console.fake_system import FakeSystem


async def test_nothing_overdue_is_said_in_words(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer(due_in_hours=1)

    page = await (await sign_in("olive")).open("/")

    assert "Nothing is overdue. 1 waiting for somebody to take it, 0 owned." in page.words


async def test_overdue_groups_stand_first_and_their_counts_are_links(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer("matac", band="P1", due_in_hours=5)
    system.refer("domestic_abuse_subgroup", band="P3", due_in_hours=-2, hours_ago=30)

    page = await (await sign_in("cora")).open("/")

    assert page.words.index("Domestic Abuse Sub-group 1") < page.words.index("MATAC 1")
    assert page.links["/queues/domestic_abuse_subgroup?show=overdue"].startswith("1 overdue")
    assert page.links["/queues/matac?show=waiting"].startswith("1")
    assert page.links["/queues/matac?show=waiting&band=P1"].startswith("P1 1")
    assert "30 hours" in page.words


async def test_a_watcher_sees_every_group_even_those_with_nothing(sign_in: SignIn, system: FakeSystem) -> None:
    page = await (await sign_in("cora")).open("/")

    assert "Sexual Violence Sub-group 0 owned" in page.words
    assert page.links["/operations"] == "Operations"


async def test_a_caseworker_sees_their_own_group_and_no_other(sign_in: SignIn, system: FakeSystem) -> None:
    mine = system.refer("domestic_abuse_subgroup")
    theirs = system.refer("matac", due_in_hours=-5)

    page = await (await sign_in("dana")).open("/")

    assert f"/referrals/{mine.reference}" in page.links
    assert f"/referrals/{theirs.reference}" not in page.links
    assert "/queues/matac" not in page.links
    assert "Nothing is overdue" in page.words
    assert "/operations" not in page.links


async def test_a_caseworker_is_shown_what_to_take_next_the_most_urgent_first(sign_in: SignIn, system: FakeSystem) -> None:
    later = system.refer(band="P3")
    first = system.refer(band="P1")
    owned = system.refer(band="P1", owner="Dev Example")

    page = await (await sign_in("dana")).open("/")

    shown = [address.removeprefix("/referrals/") for address in page.links if address.startswith("/referrals/")]
    assert shown == [first.reference, later.reference]
    assert owned.reference not in shown


async def test_who_works_for_no_group_is_told_so(sign_in: SignIn, system: FakeSystem) -> None:
    system.refer()

    page = await (await sign_in("pat")).open("/")

    assert "You do not work for a group that takes referrals" in page.words
    assert "waiting" not in page.words


async def test_the_title_names_no_group_and_no_kind(sign_in: SignIn, system: FakeSystem) -> None:
    referral = system.refer()
    dana = await sign_in("dana")

    titles = {(await dana.open(address)).title for address in ("/", "/queues/domestic_abuse_subgroup", f"/referrals/{referral.reference}")}

    assert titles == {"Today – Fingerpost", "Queue – Fingerpost", f"Referral {referral.reference} – Fingerpost"}
