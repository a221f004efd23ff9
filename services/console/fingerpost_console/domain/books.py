"""Do the books balance, in words."""

from collections.abc import Sequence

from fingerpost_console.domain.local_time import plural


def verdict(received: int, unaccounted: Sequence[str], *, is_balanced: bool) -> str:
    """The outcome of comparing the books, in one sentence. `unaccounted` are ids of referrals, and of legs after the word `leg`."""
    if is_balanced:
        return (
            f"The books balance: each of {plural(received, 'referral')} is owned, waits for a person, was withdrawn, or is in quarantine."
        )
    legs = sum(entry.startswith("leg ") for entry in unaccounted)
    faults: list[str] = []
    if referrals := len(unaccounted) - legs:
        faults.append(
            f"routing does not know {plural(referrals, 'referral')} that intake saved over a minute ago, or gave none of it to anybody"
        )
    if legs:
        faults.append(f"alerting does not know {plural(legs, 'part')} that routing made over a minute ago")
    return f"The books do not balance: {' and '.join(faults) or 'something is on its way between them; look again in a moment'}."
