"""What a story is: the outline from which many alike but different referrals are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from fingerpost_intake.samples.people import Pronoun

FactValue = str | int | list[str]
# A tuple is "one of these", a range "a number from here", anything else the value itself.
Outline = FactValue | tuple[FactValue, ...] | range
Ages = tuple[int, int]


@dataclass(frozen=True)
class Story:
    """One outline. `kinds[0]` is what it is told for; `{victim}`, `{subject}` and `{place}` stand in `sentences`."""

    kinds: tuple[str, ...]
    agencies: tuple[str, ...]
    sentences: tuple[str, ...]
    facts: Mapping[str, Outline] = field(default_factory=dict[str, Outline])
    victim: Ages | None = (19, 58)
    victim_is: Pronoun = "they"
    subject: Ages | None = (19, 58)
    subject_is: Pronoun = "they"
    # How the subject is related to the victim: the word that the sender writes for each value of personally_connected.
    relations: Mapping[str, str] = field(default_factory=dict[str, str])
    children: Sequence[Ages] = ()
    needs: str = ""
    safe_contact: Mapping[str, str] = field(default_factory=dict[str, str])
    dash: Ages | None = None
    judgement: bool | None = None
    grades: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    anonymous: bool = False
    consent: bool = True
    lawful_basis: str = "public_task"


def told(value: Outline, rng: Random) -> FactValue:
    """One value of an outline."""
    match value:
        case tuple():
            return rng.choice(value)
        case range():
            return rng.choice(value)
        case _:
            return list(value) if isinstance(value, list) else value
