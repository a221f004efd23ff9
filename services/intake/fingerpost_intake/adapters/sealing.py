"""Seals details with AES-256-GCM: a data key for each referral, itself wrapped by the key-encryption key. Unsealing needs both."""

import secrets
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
KEK_VERSION = 1


def wrap(data_key: bytes, key_encryption_key: bytes, owner: UUID) -> bytes:
    """The data key, readable only with the key-encryption key, and only as this owner's."""
    return _seal(key_encryption_key, data_key, b"key" + owner.bytes)


def unwrap(wrapped: bytes, key_encryption_key: bytes, owner: UUID) -> bytes:
    """The data key again. Raises `cryptography.exceptions.InvalidTag` with a wrong key or a changed byte."""
    return _open(key_encryption_key, wrapped, b"key" + owner.bytes)


def seal(content: bytes, data_key: bytes, owner: UUID) -> bytes:
    """The content, readable only with the owner's data key."""
    return _seal(data_key, content, b"content" + owner.bytes)


def unseal(sealed: bytes, data_key: bytes, owner: UUID) -> bytes:
    """The content again. Raises `cryptography.exceptions.InvalidTag` with a wrong key or a changed byte."""
    return _open(data_key, sealed, b"content" + owner.bytes)


def _seal(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
