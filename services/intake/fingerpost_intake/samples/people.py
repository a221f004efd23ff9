"""Invented people: obviously so by surname, with birth dates, phones and addresses that no real person has."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

Pronoun = Literal["she", "he", "they"]

_HER_NAMES = (
    "Aisha Alina Amara Bethan Carys Dilys Dorota Edith Ewa Farah Gladys Hollie Imogen Ivy Jasmine Keziah Łucja Maisie Mavis "
    "Megan Nadia Nerys Olive Petra Priya Rhian Rosa Siân Tegan Una Violet Xenia Zoë"
)
_HIS_NAMES = (
    "Albert Callum Chidi Elwyn Fergus Gethin Harjit Ioan Jakub Kacper Leon Marek Mihai Oisín Owen Quentin Reuben Stanley "
    "Tariq Wilfred Winston Yusuf"
)
FIRST_NAMES = {"she": tuple(_HER_NAMES.split()), "he": tuple(_HIS_NAMES.split()), "they": tuple(f"{_HER_NAMES} {_HIS_NAMES}".split())}
_SURNAMES = (
    "Conjurewell Dummyson Exampleson Fabricant Fictionby Hypotheton Imagineer Inventley Madeupski Makebelieve McFiction "
    "Mockridge Nonesuch Notreal O'Sample Placeholder Pretendson Samplewright Specimen Testerton"
)
SURNAMES = tuple(_SURNAMES.split())
_STREETS = (
    "Applecart Close,Bramble Fiction Road,Cider Sample Lane,Dummy Orchard Way,Example Row,Fabricated Drive,Hopyard Test Street,"
    "Imaginary Terrace,Madeley Mock Court,Nonesuch Avenue,Pretend Pippin Place,Sampler's Yard,Specimen Green,Untrue Hill"
)
STREETS = tuple(_STREETS.split(","))
TOWNS = ("Hereford", "Leominster", "Ross-on-Wye", "Ledbury", "Bromyard", "Kington", "Colwall", "Credenhill")
# No postcode district HR90 to HR99 exists.
POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
# Ofcom: numbers for use in drama, a thousand of each.
DRAMA_NUMBERS = ("07700 900{:03}", "01632 960{:03}", "0121 496 0{:03}", "029 2018 0{:03}", "0117 496 0{:03}")


@dataclass(frozen=True)
class Place:
    address: str
    postcode: str

    def on_the_wire(self) -> dict[str, str]:
        return {"address": self.address, "postcode": self.postcode}


def invented_name(rng: Random, pronoun: Pronoun = "they") -> str:
    """A full name that goes with the pronoun; one in five is double-barrelled, as in real lists."""
    surname = rng.choice(SURNAMES)
    if rng.random() < 0.2:
        surname = f"{surname}-{rng.choice(SURNAMES)}"
    return f"{rng.choice(FIRST_NAMES[pronoun])} {surname}"


def invented_place(rng: Random) -> Place:
    """An address in a Herefordshire town, on a street and with a postcode that do not exist."""
    letters = "".join(rng.choices(POSTCODE_LETTERS, k=2))
    address = f"{rng.randint(1, 240)} {rng.choice(STREETS)}, {rng.choice(TOWNS)}"
    return Place(address, f"HR{rng.randint(90, 99)} {rng.randint(1, 9)}{letters}")


def invented_phone(rng: Random) -> str:
    return rng.choice(DRAMA_NUMBERS).format(rng.randrange(1000))


def invented_email(rng: Random, name: str) -> str:
    mailbox = "".join(letter for letter in name.lower().replace(" ", ".") if letter.isascii() and letter not in "'-")
    return f"{mailbox}{rng.randrange(10, 9999)}@post.example"


def invented_nhs_number(rng: Random) -> str:
    """Ten digits with a right check digit, from 999, which the NHS keeps for tests."""
    while True:
        digits = f"999{rng.randrange(10**6):06}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{digits}{check % 11}"


def born(rng: Random, age_years: int, on: date) -> date:
    """A birth date of somebody who is `age_years` old on that day."""
    birthday = date(on.year - age_years, on.month, min(on.day, 28))
    return birthday - timedelta(days=rng.randint(1, 360))
