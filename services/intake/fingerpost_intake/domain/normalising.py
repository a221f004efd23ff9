"""Turns what an agency sent into what Fingerpost works with: closed facts, tokens, a lane, and details for the vault alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from fingerpost_intake.domain.facts import CheckedFacts, facts_of, unstated_facts
from fingerpost_intake.domain.faults import MOST_FAULTS, Fault, Faulty, attempt, faults_of, words_of
from fingerpost_intake.domain.referral import Referral
from fingerpost_intake.domain.rows import COLUMNS
from fingerpost_intake.domain.tokens import TokenKeys, tokens_of
from fingerpost_rules import UNKNOWN, Facts, RuleSet
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import FactValue, Lane, Reason, Token
from fingerpost_shared.contracts.values import value


@dataclass(eq=False)
class Understanding:
    """All that normalising needs besides the input itself. `rules` is replaced when another set goes live."""

    facts: Facts
    rules: RuleSet
    id_key: bytes
    token_keys: TokenKeys
    reference_prefix: str
    timezone: ZoneInfo

    def local(self, moment: datetime) -> datetime:
        """The partnership's local time of a moment: people's ages, and what is in the future, go by it."""
        return moment.astimezone(self.timezone)

    @cached_property
    def unstated(self) -> CheckedFacts:
        """The facts of a referral that states nothing."""
        return unstated_facts(self.facts)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of our own that a fault's pointer may hold."""
        return words_of(Referral).union(COLUMNS, self.facts.names, ("header", "rows"))


@value
class Sent:
    """A referral that was read, who sent it, and the moment as of which it is to be understood."""

    referral: Referral
    agency: str
    as_of: datetime


@value
class Normalised:
    """A referral that was understood. `details` is for the vault and nowhere else."""

    referral_id: UUID
    agency: str
    facts: Mapping[str, FactValue]
    tokens: tuple[Token, ...]
    lane: Lane
    is_withdrawn: bool
    sender_updated_at: datetime | None
    content_hash: bytes
    details: bytes


@value
class Quarantined:
    """Something that was accepted and not understood: kept whole, encrypted, until a person mends it."""

    quarantine_id: UUID
    agency: str
    content_type: str
    content: bytes
    reasons: tuple[Reason, ...]


def read_referral(value: Any) -> Referral:
    """The value as a referral. Raises `Faulty` with everything that is wrong."""
    try:
        return Referral.model_validate(value)
    except ValidationError as error:
        raise Faulty(faults_of(error, Referral)) from None


def normalise(referral: Referral, agency: str, as_of: datetime, by: Understanding) -> Normalised:
    """What the services may know of a referral, and what only the vault may. Ages are those of the partnership's day at `as_of`.

    Raises `Faulty` where the referral is well formed but can't be understood: a word that is no value of its fact, a contradiction.
    """
    [result] = normalise_all([Sent(referral, agency, as_of)], by)
    if isinstance(result, Faulty):
        raise result
    return result


def normalise_all(sent: Sequence[Sent], by: Understanding) -> list[Normalised | Faulty]:
    """`normalise` for many, each step for all of them before the next: that takes half the time.

    One referral after the other, the code and data of the many steps would push each other out of the processor's caches.
    """
    facts = [attempt(partial(_facts, by=by), one) for one in sent]
    understood = [one for one, found in zip(sent, facts, strict=True) if not isinstance(found, Faulty)]
    known = [found for found in facts if not isinstance(found, Faulty)]
    details = [_canonical(one.referral) for one in understood]
    normalised = map(
        Normalised,
        [ids.referral_id(by.id_key, one.agency, one.referral.agency_reference) for one in understood],
        [one.agency for one in understood],
        [_travelling(found) for found in known],
        [tokens_of(one.referral, by.token_keys) for one in understood],
        [by.rules.lane(found) for found in known],
        [one.referral.status == "withdrawn" for one in understood],
        [one.referral.updated_at for one in understood],
        [_content_hash(by.id_key, one.agency, content) for one, content in zip(understood, details, strict=True)],
        details,
    )
    return [found if isinstance(found, Faulty) else next(normalised) for found in facts]


def quarantine(agency: str, content_type: str, content: bytes, faults: Sequence[Fault], as_of: datetime, by: Understanding) -> Quarantined:
    """Keep what was not understood."""
    return Quarantined(
        quarantine_id=quarantine_id(agency, content, as_of, by),
        agency=agency,
        content_type=content_type,
        content=content,
        reasons=tuple(fault.reason(by.words) for fault in faults[:MOST_FAULTS]),
    )


def quarantine_id(agency: str, content: bytes, as_of: datetime, by: Understanding) -> UUID:
    """The id under which this content is kept: the same again on the same day of the partnership."""
    digest = _content_hash(by.id_key, agency, content).hex()
    return ids.unreferenced_id(by.id_key, agency, digest, by.local(as_of).date())


def _facts(one: Sent, by: Understanding) -> CheckedFacts:
    return facts_of(one.referral, by.local(one.as_of), by.facts, by.unstated)


def _travelling(facts: CheckedFacts) -> Mapping[str, FactValue]:
    """The facts as an event has them: one that is unknown is not there."""
    return {name: tuple(sorted(value)) if isinstance(value, frozenset) else value for name, value in facts.items() if value != UNKNOWN}


def _canonical(referral: Referral) -> bytes:
    """One spelling for one content, whatever order and blanks it came in."""
    # the order of members is the model's, and that of `facts` and `answers`, where the sender's would show, is mended by the model
    return referral.model_dump_json(by_alias=True, exclude_defaults=True).encode()


def _content_hash(key: bytes, agency: str, content: bytes) -> bytes:
    return blake2b(b"content\x1f" + agency.encode() + b"\x1f" + content, key=key, digest_size=32).digest()
