"""The keyed hash of identities and contents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ingest.hashing import hash_parts, hash_texts, secret_words

_SEED = int.from_bytes(bytes(range(16)), "little")
_MASK = 2**64 - 1


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, "a3817f04ba25a8e66df67214c7550293"),
        (1, "da87c1d86b99af44347659119b22fc45"),
        (7, "a1f1ebbed8dbc153c0b84aa61ff08239"),
        (8, "3b62a9ba6258f5610f83e264f31497b4"),
        (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
        (16, "6ee2a4ca67b054bbfd3315bf85230577"),
        (63, "5150d1772f50834a503e069a973fbd7c"),
    ],
)
def test_the_hash_is_siphash(length: int, expected: str) -> None:
    """The same as OpenSSL 3 (`openssl mac -macopt size:16 SIPHASH`), key and text 00 01 02 ..."""
    assert hash_texts([bytes(range(length))], _SEED).astype("<u8").tobytes().hex() == expected


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(0, 2**128 - 1))
def test_each_part_is_hashed_by_itself(texts: list[bytes], seed: int) -> None:
    """A text has one hash, whatever stands beside it; it is that of the naive model."""
    assert hash_texts(texts, seed).tolist() == [list(_naive(text, seed)) for text in texts]
    ends = np.array([4, 4, 6])
    parts = hash_parts(np.frombuffer(b"abcdef", np.uint8), ends, secret_words(seed))
    assert parts.tolist() == [list(_naive(text, seed)) for text in (b"abcd", b"", b"ef")]


def _naive(text: bytes, seed: int) -> tuple[int, int]:
    """SipHash-2-4-128 with Python's whole numbers."""
    k0, k1 = seed & _MASK, seed >> 64
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D ^ 0xEE]
    v += [k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def turn(word: int, bits: int) -> int:
        return (word << bits | word >> (64 - bits)) & _MASK

    def mix(rounds: int) -> int:
        for _ in range(rounds):
            v[0] = (v[0] + v[1]) & _MASK
            v[1] = turn(v[1], 13) ^ v[0]
            v[0] = turn(v[0], 32)
            v[2] = (v[2] + v[3]) & _MASK
            v[3] = turn(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & _MASK
            v[3] = turn(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & _MASK
            v[1] = turn(v[1], 17) ^ v[2]
            v[2] = turn(v[2], 32)
        return v[0] ^ v[1] ^ v[2] ^ v[3]

    padded = text + bytes(-(len(text) + 1) % 8) + bytes([len(text) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        mix(2)
        v[0] ^= word
    v[2] ^= 0xEE
    first = mix(4)
    v[1] ^= 0xDD
    return first, mix(4)
