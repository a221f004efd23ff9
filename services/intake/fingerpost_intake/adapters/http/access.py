"""Who is calling: an agency, by its bearer key. Only hashes of keys are known here."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from fastapi import Request

from fingerpost_intake.adapters.http.problems import Problem

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="fingerpost"'}


class Access:
    """Knows the agencies' keys by their SHA-256."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._agencies = {digest: agency for agency, digest in hashes.items()}

    def agency_of(self, request: Request) -> str:
        """The agency whose key came with the request. Raises `Problem` 401."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not key:
            raise Problem(401, "no-key", "Send your agency's key in the header 'Authorization: Bearer <key>'.", headers=_CHALLENGE)
        # a look-up by hash tells an attacker who times it nothing about any key
        agency = self._agencies.get(hashlib.sha256(key.strip().encode()).hexdigest())
        if agency is None:
            raise Problem(401, "unknown-key", "This key is not known. Ask the partnership's coordinator for a new one.", headers=_CHALLENGE)
        return agency


def read_access(path: Path) -> Access:
    """The keys in `api-keys.json`: agency id to SHA-256 in hex."""
    return Access(json.loads(path.read_text()))
