"""A reference survives being read over a phone, and a wrong one is noticed."""

import re
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from fingerpost_shared.contracts.ids import CROCKFORD, REFERENCE_PATTERN, read_reference, reference_of

IDENTITIES = st.uuids()
PREFIXES = st.from_regex(r"\A[A-Z]{1,4}\Z")
SAID_AS = {"0": "0oO", "1": "1iIlL"}
SAMPLE = UUID("7a57bfeb-b404-8e2e-91d5-f249645f0813")


def spellings(symbol: str) -> st.SearchStrategy[str]:
    return st.sampled_from(SAID_AS.get(symbol, symbol + symbol.lower()))


@st.composite
def spoken(draw: st.DrawFn, reference: str) -> str:
    """The reference as somebody may type it: any case, any blanks and hyphens, letters for the digits they look like."""
    prefix, body = reference.split("-", 1)
    between = st.sampled_from(["", " ", "-", " - ", ".", "\t"])
    letters = [draw(st.sampled_from([letter, letter.lower()])) for letter in prefix]
    letters += [draw(spellings(symbol)) for symbol in body.replace("-", "")]
    return "".join(draw(between) + letter for letter in letters) + draw(between)


@given(identity=IDENTITIES, prefix=PREFIXES)
def test_a_reference_reads_back_as_itself(identity: UUID, prefix: str) -> None:
    reference = reference_of(identity, prefix)

    assert read_reference(reference) == reference
    assert re.fullmatch(REFERENCE_PATTERN, reference)


@given(st.data(), IDENTITIES, PREFIXES)
def test_however_it_is_spelled_it_is_the_same_reference(data: st.DataObject, identity: UUID, prefix: str) -> None:
    reference = reference_of(identity, prefix)

    assert read_reference(data.draw(spoken(reference))) == reference


@given(identity=IDENTITIES)
def test_every_single_wrong_symbol_is_found(identity: UUID) -> None:
    prefix, *groups = reference_of(identity, "HC").split("-")
    body = "".join(groups)
    wrong = [body[:place] + symbol + body[place + 1 :] for place in range(len(body)) for symbol in CROCKFORD if symbol != body[place]]

    assert len(wrong) == 11 * 31
    assert [changed for changed in wrong if read_reference(prefix + changed)] == []


@given(identity=IDENTITIES)
def test_a_swap_of_neighbours_is_found_but_for_the_two_symbols_that_luhn_cannot_tell(identity: UUID) -> None:
    prefix, *groups = reference_of(identity, "HC").split("-")
    body = "".join(groups)
    for place in range(len(body) - 1):
        pair = {body[place], body[place + 1]}
        swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
        assert len(pair) == 1 or pair == {"0", "Z"} or read_reference(prefix + swapped) is None


@given(st.text())
@example("")
@example("HC")
@example("HC-PSZ5M-CT95K-U")
@example("HC-PSZ5M-CT95K-AA")
@example("-PSZ5M-CT95K-A")
@example("HCHCH-PSZ5M-CT95K-A")
@example("①②③-ß")
def test_anything_else_is_no_reference_and_no_error(typed: str) -> None:
    found = read_reference(typed)

    assert found is None or read_reference(found) == found


def test_the_letter_u_is_in_no_reference() -> None:
    assert read_reference(reference_of(SAMPLE, "HC").replace("5", "U")) is None


def test_full_width_letters_of_a_foreign_keyboard_are_understood() -> None:
    reference = reference_of(SAMPLE, "HC")
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in reference)

    assert read_reference(full_width) == reference


@given(identity=IDENTITIES)
def test_a_second_derivation_is_another_reference(identity: UUID) -> None:
    assert reference_of(identity, "HC", 1) != reference_of(identity, "HC", 0)
