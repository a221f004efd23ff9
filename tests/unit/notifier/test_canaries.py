"""Ten thousand referrals full of names, and none of them in any byte that a notice could bring out (I8)."""

from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import Sender
from fingerpost_notifier.domain.alerts import alerts_of
from fingerpost_notifier.domain.notices import read_wording
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.directory import read_directory
from tests.unit.notifier.building import a_leg, alone, never

HEREFORDSHIRE = Path("config/herefordshire")
CANARIES = [f"Zz{n}canary" for n in range(40)]


def a_told_referral(rng: Random, number: int) -> dict[str, Any]:
    """Who and what a referral is about, as the vault would hold it: canaries in every field."""
    names = rng.sample(CANARIES, 4)
    return {
        "agency_reference": f"{names[0]}-{number}",
        "kinds": ["domestic_abuse", "prevent"],
        "people": [{"name": names[1], "address": names[2], "phone": f"07700 900{number % 1000:03}"}],
        "narrative": names[3],
    }


def test_of_ten_thousand_referrals_no_canary_and_no_kind_is_in_any_byte_that_leaves():
    rng, bands = Random(8), cycle(("P1", "P2", "P3", "P4"))
    server = MailServer("smtp://127.0.0.1:9", "alerts@csp.example")
    directory, wording = read_directory(HEREFORDSHIRE / "directory.yaml"), read_wording(HEREFORDSHIRE / "messages")
    sender: Any = Sender("urgent", None, server, wording, directory, "https://console.example", (), alone, never)  # type: ignore[arg-type]
    left = bytearray()
    for number in range(10_000):
        told = a_told_referral(rng, number)
        identity = ids.referral_id(b"k" * 32, "womens_aid", told["agency_reference"])
        leg = a_leg(
            leg_id=ids.leg_id(identity, "prevent_gateway"),
            referral_id=identity,
            reference=ids.reference_of(identity, "HC"),
            destination="prevent_gateway",
            band=next(bands),
            alert=("police",),
        )
        [alert] = alerts_of(leg, "email")
        left += server._message(sender._mail(alert, "desk@police.example"))  # type: ignore[attr-defined]
    text = left.decode().casefold()
    assert text.count("message-id:") == 10_000
    assert [canary for canary in CANARIES if canary.casefold() in text] == []
    assert [word for word in ("07700", "domestic", "abuse", "prevent", "women") if word in text] == []
