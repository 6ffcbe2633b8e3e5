"""
Keyed hashes of identities and contents: SipHash-2-4 with 128 bits of output, compiled.

SipHash (Aumasson and Bernstein, 2012) is made for short texts that others choose: without the key,
which is a secret of the data directory, nobody can make two that collide. A key of an identity is
all 128 bits, a digest of a content the first 64.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

State = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

_V0 = np.uint64(0x736F6D6570736575)
_V1 = np.uint64(0x646F72616E646F6D)
_V2 = np.uint64(0x6C7967656E657261)
_V3 = np.uint64(0x7465646279746573)
_WIDE = np.uint64(0xEE)
_WIDER = np.uint64(0xDD)
_WORD_BYTES = 8
_BITS = np.uint64(64)


def secret_words(seed: int) -> Words:
    """Return the 128 bits of a seed as the key of the hashes."""
    return np.frombuffer(seed.to_bytes(16, "little"), np.uint64)


def hash_texts(texts: Sequence[bytes], seed: int) -> Words:
    """Return two words for each text."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    return hash_parts(np.frombuffer(b"".join(texts), np.uint8), ends, secret_words(seed))


@compiled
def _rotated(word: np.uint64, bits: int) -> np.uint64:
    left = np.uint64(bits)
    return np.uint64((word << left) | (word >> (_BITS - left)))


@compiled
def _mix(state: State, rounds: int) -> State:
    v0, v1, v2, v3 = state
    for _ in range(rounds):
        v0, v2 = v0 + v1, v2 + v3
        v1, v3 = _rotated(v1, 13) ^ v0, _rotated(v3, 16) ^ v2
        v0 = _rotated(v0, 32)
        v2, v0 = v2 + v1, v0 + v3
        v1, v3 = _rotated(v1, 17) ^ v2, _rotated(v3, 21) ^ v0
        v2 = _rotated(v2, 32)
    return v0, v1, v2, v3


@compiled
def _absorbed(state: State, word: np.uint64) -> State:
    v0, v1, v2, v3 = state
    v0, v1, v2, v3 = _mix((v0, v1, v2, v3 ^ word), 2)
    return v0 ^ word, v1, v2, v3


@compiled
def _byte(text: Bytes, at: int, place: int) -> np.uint64:
    return np.uint64(text[at + place]) << np.uint64(8 * place)


@compiled
def _word(text: Bytes, at: int) -> np.uint64:
    """Return eight bytes as a little-endian number; written out, it becomes one load."""
    low = _byte(text, at, 0) | _byte(text, at, 1) | _byte(text, at, 2) | _byte(text, at, 3)
    high = _byte(text, at, 4) | _byte(text, at, 5) | _byte(text, at, 6) | _byte(text, at, 7)
    return np.uint64(low | high)


@compiled
def _hash(text: Bytes, start: int, end: int, secret: Words, into: Words) -> None:
    """Put the two words of the hash of a part of a text into `into`."""
    k0, k1 = secret[0], secret[1]
    state = (k0 ^ _V0, k1 ^ _V1 ^ _WIDE, k0 ^ _V2, k1 ^ _V3)
    at = start
    while end - at >= _WORD_BYTES:
        state = _absorbed(state, _word(text, at))
        at += _WORD_BYTES
    last = np.uint64((end - start) & 255) << np.uint64(56)
    for place in range(end - at):
        last |= _byte(text, at, place)
    v0, v1, v2, v3 = _absorbed(state, last)
    v0, v1, v2, v3 = _mix((v0, v1, v2 ^ _WIDE, v3), 4)
    into[0] = v0 ^ v1 ^ v2 ^ v3
    v0, v1, v2, v3 = _mix((v0, v1 ^ _WIDER, v2, v3), 4)
    into[1] = v0 ^ v1 ^ v2 ^ v3


@compiled
def hash_parts(text: Bytes, ends: Places, secret: Words) -> Words:
    """Return two words for each part of a text; part k ends at `ends[k]`, where the next begins."""
    words = np.empty((len(ends), 2), np.uint64)
    start = 0
    for row in range(len(ends)):
        _hash(text, start, ends[row], secret, words[row])
        start = ends[row]
    return words
