"""Every accepted submission is counted once, as what it came to (I1)."""

from fingerpost_intake.samples import as_csv, messy_samples, sample
from fingerpost_shared.contracts.queries.intake import IntakeBooks, IntakeBooksQuery
from tests.integration.intake.looking import outcomes_between, quiet_books
from tests.support.live import Live, eventually, fresh


async def test_what_was_accepted_is_the_sum_of_what_became_of_it_and_what_is_pending(live: Live) -> None:
    before = await quiet_books(live)
    referrals = [fresh(sample(kind, seed)) for seed in range(4) for kind in ("asb", "domestic_abuse", "prevent", "fraud")]
    accepted = 0
    for referral in referrals:
        accepted += (await live.post(referral)).is_success
    for more in ({"narrative": "More is known now."}, {"status": "withdrawn"}):
        await quiet_books(live)  # sent close together they may be saved the other way round, and the update is then outdated
        for referral in referrals[:3]:
            accepted += (await live.post(referral | more)).is_success
    for content in (
        as_csv([fresh(referral) for referral in referrals[:4]]),
        *(content for _, kind, content in messy_samples() if kind.startswith("text/csv")),
    ):
        accepted += len((await live.post_csv(content)).json()["rows"])
    for _, kind, content in messy_samples():
        accepted += (await live.post(content)).is_success
        await live.publish_as_agency(content, headers={"Content-Type": kind})
        accepted += _entries(kind, content)

    async def all_counted() -> IntakeBooks | None:
        books = await live.ask(IntakeBooksQuery())
        return books if sum(outcomes_between(before, books).values()) + books.pending == accepted and not books.pending else None

    after = await eventually(all_counted)
    assert after is not None
    outcomes = outcomes_between(before, after)
    assert (outcomes["update"], outcomes["withdrawal"]) == (3, 3)
    assert outcomes["referral"] >= len(referrals) + 4
    assert after.referrals - before.referrals == outcomes["referral"]
    assert after.quarantined - before.quarantined == outcomes["quarantine"]
    assert after.withdrawn - before.withdrawn == 3


def _entries(kind: str, content: bytes) -> int:
    """How many entries a messy sample holds: a file with a right header one for each row, anything else one."""
    is_cut = kind.startswith("text/csv") and content.startswith(b"agency_reference")
    return content.count(b"\r\n") - 1 if is_cut else 1
