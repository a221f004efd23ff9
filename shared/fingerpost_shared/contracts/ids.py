"""Identifiers that are computed, never drawn: the same cause gives the same id again, and nobody without the key can guess one."""

import hashlib
import hmac
import json
import re
import unicodedata
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from asyncpg.pgproto import pgproto
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_PATTERN = r"^[A-Z]{1,4}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]$"
QUARANTINE_PREFIX = "Q"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})

Reference = Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
AgencyId = Slug
DestinationId = Slug


class _Quick:
    """Reads and writes a `UUID` field as the C type of PostgreSQL's driver, which is a `uuid.UUID` to everybody else."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(pgproto.UUID, core_schema.str_schema()),
            python_schema=core_schema.is_instance_schema(UUID),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "uuid"}


# Python's own takes five times as long to make and nine times to write, and a referral has some twenty
Id = Annotated[UUID, _Quick]


def referral_id(id_key: bytes, agency: str, agency_reference: str) -> UUID:
    """The id of the referral that this agency calls `agency_reference`: the same for ever, and unguessable without the key."""
    return _keyed_uuid(id_key, "referral", agency, agency_reference)


def unreferenced_id(id_key: bytes, agency: str, content_hash: str, day: date) -> UUID:
    """The id of a referral or quarantine item that came without a usable reference: agency, content and day tell it apart."""
    return _keyed_uuid(id_key, "unreferenced", agency, content_hash, day.isoformat())


def event_id(cause: UUID, laneless_subject: str, key: str) -> UUID:
    """The id of the event about `key` that `cause` brings; the subject has `*` for its lane, so a change of lane is no new event."""
    return _named_uuid(cause, f"{laneless_subject}/{key}")


def submission_cause(stream_sequence: int, timestamp_ns: int) -> UUID:
    """The id of one raw submission: its stream sequence *and* time stamp, for a recreated stream counts from one again."""
    return _named_uuid(_SUBMISSIONS, f"{stream_sequence}/{timestamp_ns}")


def reference_of(identity: UUID, prefix: str, derivation: int = 0) -> str:
    """The short reference of an id, safe to read over a phone: `HC-7K3MQ-2XD9F-D`. `derivation` counts up where two ids collide."""
    digest = hashlib.sha256(identity.bytes + derivation.to_bytes(2, "big")).digest()
    number = int.from_bytes(digest[:7], "big") >> 6
    symbols = [CROCKFORD[(number >> shift) & 31] for shift in range(45, -5, -5)]
    body = "".join(symbols)
    return f"{prefix}-{body[:5]}-{body[5:]}-{_check_symbol(body)}"


def read_reference(typed: str) -> str | None:
    """The reference that somebody typed or read aloud, in its canonical form; None where the check character does not fit.

    Case, blanks and hyphens do not matter, nor O for 0 nor I and L for 1 after the prefix.
    """
    prefix, body = _prefix_and_body(typed)
    if not _has_form(prefix, body) or _check_symbol(body[:10]) != body[10]:
        return None
    return f"{prefix}-{body[:5]}-{body[5:10]}-{body[10]}"


def is_mistyped_reference(typed: str) -> bool:
    """Whether it is meant for a reference whose check character does not fit. A word may have the form too, but hardly a digit."""
    return read_reference(typed) is None and _has_form(*_prefix_and_body(typed)) and any(map(str.isdigit, typed))


def leg_id(of_referral: UUID, destination: str) -> UUID:
    """The id of a referral's leg to a destination; there is at most one."""
    return _named_uuid(of_referral, f"leg/{destination}")


def decision_id(of_referral: UUID, version: int, redecision: int = 0) -> UUID:
    """The id of the decision made on one version of a referral; `redecision` names the publication after which it was decided again."""
    return _named_uuid(of_referral, f"decision/{version}/{redecision}" if redecision else f"decision/{version}")


def alert_id(of_leg: UUID, agency: str) -> UUID:
    """The id of the alert that tells an agency of a leg; there is at most one."""
    return _named_uuid(of_leg, f"alert/{agency}")


def _has_form(prefix: str, body: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{1,4}", prefix)) and all(symbol in CROCKFORD for symbol in body)


def _prefix_and_body(typed: str) -> tuple[str, str]:
    letters = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed).upper())
    return letters[:-11], letters[-11:].translate(_MISREAD)


def _keyed_uuid(key: bytes, *parts: str) -> UUID:
    return _uuid(hmac.digest(key, _COMPACT.encode(parts).encode(), "sha256"), 8)


def _named_uuid(space: UUID, name: str) -> UUID:
    """`uuid.uuid5`, whose way to the same id takes twice as long; a referral has a dozen."""
    return _uuid(hashlib.sha1(space.bytes + name.encode(), usedforsecurity=False).digest(), 5)


def _uuid(digest: bytes, version: int) -> UUID:
    """The digest's first 16 bytes as an id of RFC 9562, variant 10. Python 3.11's own knows versions up to 5 only."""
    marked = bytearray(digest[:16])
    marked[6] = marked[6] & 0x0F | version << 4
    marked[8] = marked[8] & 0x3F | 0x80
    return pgproto.UUID(bytes(marked))


def _check_symbol(body: str) -> str:
    """Luhn's check over 32 symbols: finds every single wrong symbol and nearly every swap of neighbours."""
    return CROCKFORD[-(sum(map(_DOUBLED.__getitem__, body[::-2])) + sum(map(_PLAIN.__getitem__, body[-2::-2]))) % 32]


_PLAIN = {symbol: number for number, symbol in enumerate(CROCKFORD)}
_DOUBLED = {symbol: number * 2 // 32 + number * 2 % 32 for symbol, number in _PLAIN.items()}
_COMPACT = json.JSONEncoder(separators=(",", ":"))
_SUBMISSIONS = UUID("6f1d0c58-8a0e-5c6b-9b0f-2f6c53a9b1de")
