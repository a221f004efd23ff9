"""What is sealed opens with its own key, for its own owner, unchanged, and in no other way."""

from collections.abc import Callable
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.adapters.sealing import seal, unseal, unwrap, wrap

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
OWNER, OTHER = UUID(int=1), UUID(int=2)
Seal = Callable[[bytes, bytes, UUID], bytes]
BOTH: list[tuple[Seal, Seal]] = [(seal, unseal), (wrap, unwrap)]


@given(st.binary(max_size=300))
def test_sealed_content_opens_again_and_is_not_to_be_seen(content: bytes):
    sealed = seal(content, KEY, OWNER)
    assert unseal(sealed, KEY, OWNER) == content
    assert len(content) < 4 or content not in sealed


@pytest.mark.parametrize(("close", "open_"), BOTH)
def test_one_changed_byte_anywhere_is_noticed(close: Seal, open_: Seal):
    sealed = close(b"d" * 32, KEY, OWNER)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(InvalidTag):
            open_(bytes(changed), KEY, OWNER)


@pytest.mark.parametrize(("close", "open_"), BOTH)
@pytest.mark.parametrize(("key", "owner"), [(OTHER_KEY, OWNER), (KEY, OTHER)])
def test_neither_another_key_nor_another_owner_opens_it(close: Seal, open_: Seal, key: bytes, owner: UUID):
    with pytest.raises(InvalidTag):
        open_(close(b"d" * 32, KEY, OWNER), key, owner)


def test_a_wrapped_key_is_no_content_and_content_no_wrapped_key():
    with pytest.raises(InvalidTag):
        unseal(wrap(b"d" * 32, KEY, OWNER), KEY, OWNER)
    with pytest.raises(InvalidTag):
        unwrap(seal(b"d" * 32, KEY, OWNER), KEY, OWNER)


def test_the_same_content_is_never_sealed_twice_alike():
    assert len({seal(b"the same", KEY, OWNER) for _ in range(100)}) == 100
