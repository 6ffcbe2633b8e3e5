"""
A digest of each row, computed twice: from rows of the log in Python, and by ClickHouse as it reads.

Both are the first 64 bits of SipHash-2-4 under the same secret, over the texts of all columns. Sums
of them do not depend on order, and tell sets of rows apart: that two different sets have the same
sum happens once in 2^64, and nobody can bring it about who does not know the secret.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest import hash_parts, secret_words

Digests = npt.NDArray[np.uint64]

_APART = "\x1f"
_BEFORE = ("position", "workspace", "source", "id", "type", "subject")
_INSTANTS = ("used_at", "received_at")
_BEHIND = ("sequence", "data", "fields", "backfill")
_WHOLE = ("position", "backfill")


class RowDigests:
    """Digests of rows under one secret, and the SQL that gives the same."""

    def __init__(self, seed: int) -> None:
        self._secret = secret_words(seed)

    @property
    def parameters(self) -> Mapping[str, int]:
        """Return what `sql` needs to be bound."""
        low, high = (int(word) for word in self._secret)
        return {"digest_low": low, "digest_high": high}

    @property
    def sql(self) -> str:
        """Return the digest of a row of the projection's table of events."""
        texts = [
            *(_text(name) for name in _BEFORE),
            *(f"toString(toUnixTimestamp64Micro({name}))" for name in _INSTANTS),
            *(_text(name) for name in _BEHIND),
        ]
        joined = f"concatWithSeparator({{digest_apart:String}}, {', '.join(texts)})"
        keyed = "sipHash128ReferenceKeyed(({digest_low:UInt64}, {digest_high:UInt64})"
        hashed = f"{keyed}, {joined})"
        return f"reinterpretAsUInt64(substring({hashed}, 1, 8))"

    def of(self, rows: pa.Table) -> Digests:
        """Return the digests of rows as the projection must hold them, in their order."""
        if not rows.num_rows:
            return np.empty(0, np.uint64)
        texts = [
            *(rows[name].cast(pa.string()) for name in _BEFORE),
            *(rows[name].cast(pa.int64()).cast(pa.string()) for name in _INSTANTS),
            *(rows[name].cast(pa.string()) for name in _BEHIND),
        ]
        joined = pc.binary_join_element_wise(*texts, _APART)
        found = [self._hashed(chunk) for chunk in joined.chunks]
        return np.concatenate(found)

    def _hashed(self, texts: pa.StringArray) -> Digests:
        _, offsets, content = texts.buffers()
        ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        text = np.frombuffer(content, np.uint8)[ends[0] : ends[-1]]
        places = (ends[1:] - ends[0]).astype(np.int64)
        words: Digests = hash_parts(text, places, self._secret)
        return np.ascontiguousarray(words[:, 0])


APART_PARAMETER = {"digest_apart": _APART}


def _text(name: str) -> str:
    return f"toString({name})" if name in _WHOLE else name
