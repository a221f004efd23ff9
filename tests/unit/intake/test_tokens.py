"""Tokens are equal for the same person, pair or place however they are spelled, and for nobody else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.domain.referral import Place
from fingerpost_intake.domain.tokens import MOST_TOKENS, TokenKeys, place_identifier, tokens_of
from fingerpost_shared.contracts.events import Token
from tests.unit.intake.building import a_person, a_referral, normalised, read_referral

KEYS = TokenKeys(b"k" * 32)
BORN = "1990-02-03"
VICTIM = a_person(name="Ivy O'Sample", date_of_birth=BORN)
SUBJECT = a_person("subject", name="Leon Notreal", date_of_birth="1988-05-06")


def tokens(keys: TokenKeys = KEYS, **parts: Any) -> set[Token]:
    return set(tokens_of(read_referral(a_referral(**parts)), keys))


def of_person(keys: TokenKeys = KEYS, **person: Any) -> set[Token]:
    return tokens(keys, people=[a_person(**person)])


@pytest.mark.parametrize(
    "name", ["ivy o'sample", "IVY  O’SAMPLE", "O'Sample, Ivy", "Ms Ivy O Sample", "Ívy O-Sample", " Dr. Ivy O'Sample "]
)
def test_a_person_is_the_same_however_the_name_is_spelled(name: str):
    assert of_person(name=name, date_of_birth=BORN) == of_person(name="Ivy O'Sample", date_of_birth=BORN) != set()


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Ivy O'Sample", "date_of_birth": "1990-02-04"},
        {"name": "Ivy O'Sampel", "date_of_birth": BORN},
        {"name": "Ivy Rose O'Sample", "date_of_birth": BORN},
    ],
)
def test_who_differs_in_name_or_birth_date_is_somebody_else(other: dict[str, str]):
    assert not of_person(name="Ivy O'Sample", date_of_birth=BORN) & of_person(**other)


@pytest.mark.parametrize(
    "person",
    [
        {"name": "Ivy O'Sample"},
        {"date_of_birth": BORN},
        {"name": "Mr", "date_of_birth": BORN},
        {"name": "?!", "date_of_birth": BORN},
        {"name": "Ivy O'Sample", "age_years": 36, "address": "1 Example Row", "phone": "01632 960001", "email": "ivy@post.example"},
    ],
)
def test_a_name_alone_would_merge_strangers_so_it_gives_no_token(person: dict[str, Any]):
    assert of_person(**person) == set()


def test_an_nhs_number_counts_with_or_without_blanks_and_beside_the_name():
    both = of_person(nhs_number="999 123 4567", name="Ivy O'Sample", date_of_birth=BORN)
    assert of_person(nhs_number="9991234567") < both
    assert of_person(name="Ivy O'Sample", date_of_birth=BORN) < both


def test_only_victims_and_subjects_have_tokens():
    assert tokens(people=[a_person(role, name="Ivy O'Sample", date_of_birth=BORN) for role in ("child", "reporter", "other")]) == set()


def test_a_pair_is_the_same_whoever_is_called_the_victim():
    swapped = [VICTIM | {"role": "subject"}, SUBJECT | {"role": "victim"}]
    one, other = tokens(people=[VICTIM, SUBJECT]), tokens(people=swapped)
    assert {token.of for token in one} == {"person", "pair"}
    assert one == other


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_pair_is_symmetric(one: str, other: str):
    assert KEYS.pair(one, other) == KEYS.pair(other, one)


@given(st.text(max_size=20))
def test_persons_pairs_and_places_have_keys_of_their_own(identifier: str):
    assert len({token.value for token in (KEYS.person(identifier), KEYS.pair(identifier, ""), KEYS.place(identifier))}) == 3


def test_under_another_partnerships_key_nothing_is_equal():
    assert not tokens(people=[VICTIM, SUBJECT]) & tokens(TokenKeys(b"o" * 32), people=[VICTIM, SUBJECT])


def at(**place: str) -> str | None:
    return place_identifier(Place.model_validate(place))


def test_a_place_is_its_uprn_or_postcode_and_address_together():
    assert at(uprn="000123") == at(uprn="123", postcode="HR99 1AA") != at(uprn="124")
    assert at(postcode="HR99 1AA", address="1, Example Row") == at(postcode="hr991aa", address="1 example row")
    assert at(postcode="HR99 1AA", address="2 Example Row") != at(postcode="HR99 1AA", address="1 Example Row")
    assert (at(postcode="HR99 1AA"), at(address="1 Example Row"), at()) == (None, None, None)


def test_an_anonymous_report_has_place_tokens_only():
    incidents = [{"place": {"uprn": "123"}}, {"place": {"uprn": "123"}}, {}]
    open_report, anonymous = (tokens(people=[VICTIM, SUBJECT], incidents=incidents, anonymous=is_so) for is_so in (False, True))
    assert [token.of for token in anonymous] == ["place"]
    assert anonymous < open_report


def test_a_token_shows_nothing_of_whom_it_is_about_and_there_are_not_too_many():
    crowd = [a_person(role, name=f"Ivy Notreal{n}", date_of_birth=BORN) for n in range(20) for role in ("victim", "subject")]
    found = normalised(a_referral(people=crowd, incidents=[{"place": {"uprn": "123"}}])).tokens
    assert len(found) == MOST_TOKENS
    assert found[0].of == "place"
    assert all(len(token.value) == 32 and "ivy" not in token.value for token in found)


def test_a_long_list_of_addresses_does_not_crowd_out_the_people():
    incidents = [{"place": {"address": f"{number} Example Row", "postcode": "HR1 1ZZ"}} for number in range(2 * MOST_TOKENS)]
    people = [VICTIM, SUBJECT]

    found = tokens(incidents=incidents, people=people)

    assert tokens(people=people) < found
    assert {token.of for token in found} == {"person", "pair", "place"}
    assert len(found) == MOST_TOKENS
