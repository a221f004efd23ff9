"""Do the books balance: what intake received against what the router has, in numbers and in words."""

from dataclasses import dataclass

from fingerpost_console.domain.local_time import plural
from fingerpost_shared.contracts.queries.intake import IntakeBooks
from fingerpost_shared.contracts.queries.router import RouterBooks


@dataclass(frozen=True)
class Balance:
    """How the two books compare. The router must have been asked before intake, so that it cannot know more."""

    received: int
    owned: int
    waiting: int
    on_their_way: int
    quarantined: int
    withdrawn: int
    unaccounted: int
    legless: int

    @property
    def is_balanced(self) -> bool:
        """Every referral is owned, waiting, withdrawn, in quarantine, or was saved in the last minute and is on its way."""
        return self.unaccounted == 0 and self.legless == 0

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        if self.is_balanced:
            return f"The books balance: each of {plural(self.received, 'referral')} is owned, waits for a person, or is in quarantine."
        faults: list[str] = []
        if self.unaccounted:
            faults.append(f"routing does not know {plural(self.unaccounted, 'referral')} that intake saved over a minute ago")
        if self.legless:
            faults.append(f"{plural(self.legless, 'referral')} went to nobody")
        return f"The books do not balance: {' and '.join(faults)}."


def balance(intake: IntakeBooks, router: RouterBooks) -> Balance:
    """Compare the books. Withdrawn referrals were routed before they were withdrawn, so the router still counts them."""
    missing = max(intake.referrals - router.referrals, 0)
    on_their_way = min(missing, intake.fresh)
    return Balance(
        received=intake.referrals + intake.quarantined,
        owned=router.owned,
        waiting=router.waiting,
        on_their_way=on_their_way,
        quarantined=intake.quarantined,
        withdrawn=intake.withdrawn,
        unaccounted=missing - on_their_way,
        legless=len(router.legless),
    )
