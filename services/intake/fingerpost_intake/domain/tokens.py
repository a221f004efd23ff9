"""Tokens: keyed hashes (BLAKE2b, RFC 7693) by which a repeat is recognised without knowing whose it is."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import zip_longest

from fingerpost_intake.domain.referral import Person, Place, Referral
from fingerpost_shared.contracts.events import Token

MOST_TOKENS = 24
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "dame"}


class TokenKeys:
    """Separate keys for persons, pairs and places, so that no token of one sort can be compared with another sort's."""

    def __init__(self, token_key: bytes) -> None:
        self._keys = {of: blake2b(of.encode(), key=token_key).digest()[:32] for of in ("person", "pair", "place")}

    def person(self, identifier: str) -> Token:
        return Token(of="person", value=self._hash("person", identifier))

    def pair(self, one: str, other: str) -> Token:
        return Token(of="pair", value=self._hash("pair", "\x1f".join(sorted((one, other)))))

    def place(self, identifier: str) -> Token:
        return Token(of="place", value=self._hash("place", identifier))

    def _hash(self, of: str, text: str) -> str:
        return blake2b(text.encode(), key=self._keys[of], digest_size=16).hexdigest()


def tokens_of(referral: Referral, keys: TokenKeys) -> tuple[Token, ...]:
    """The tokens of a referral's victims, subjects, their pairs and its places, each once.

    A person counts by NHS number, or by name with date of birth: a name alone would merge strangers. An anonymous report has place
    tokens only (I13). Where there are too many, each sort has its share: a list of addresses does not crowd out the people.
    """
    places = [keys.place(identifier) for identifier in _places(referral)]
    if referral.anonymous:
        return tuple(places[:MOST_TOKENS])
    victims = [person_identifiers(person) for person in referral.people if person.role == "victim"]
    subjects = [person_identifiers(person) for person in referral.people if person.role == "subject"]
    persons = [keys.person(identifier) for identifiers in (*victims, *subjects) for identifier in identifiers]
    pairs = [keys.pair(one, other) for one in _flat(victims) for other in _flat(subjects)]
    return tuple(dict.fromkeys(_in_turn(places, persons, pairs)))[:MOST_TOKENS]


def person_identifiers(person: Person) -> Sequence[str]:
    """The normalised identifiers by which a person may be recognised: none, one, or two."""
    identifiers: list[str] = []
    if person.nhs_number:
        identifiers.append("nhs:" + re.sub(r"\D", "", person.nhs_number))
    if person.name and person.date_of_birth:
        words = sorted(word for word in _plain(person.name).split() if word not in _TITLES)
        if words:
            identifiers.append(f"name:{' '.join(words)}:{person.date_of_birth.isoformat()}")
    return identifiers


def place_identifier(place: Place) -> str | None:
    """The normalised identifier of an address: its UPRN, else postcode and address together."""
    if place.uprn:
        return f"uprn:{place.uprn.lstrip('0')}"
    if place.postcode and place.address:
        return f"address:{_plain(place.postcode).replace(' ', '')}:{_plain(place.address)}"
    return None


def _places(referral: Referral) -> Iterable[str]:
    places = [place_identifier(incident.place) for incident in referral.incidents if incident.place]
    return dict.fromkeys(place for place in places if place)


def _in_turn(*sorts: Sequence[Token]) -> Iterable[Token]:
    return (token for some in zip_longest(*sorts) for token in some if token is not None)


def _plain(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_NO_LETTERS.sub(" ", text.casefold()).split())


def _flat(identifiers: Iterable[Sequence[str]]) -> list[str]:
    return [identifier for person in identifiers for identifier in person]
