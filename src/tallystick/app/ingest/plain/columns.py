"""Parts of a text, given by their places, as Arrow columns and as texts to be hashed; compiled."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallystick.app.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def string_column(text: Bytes, starts: Places, ends: Places) -> pa.StringArray:
    """Return the parts of a text as a column; the text must be valid UTF-8."""
    sizes = np.maximum(ends - starts, 0)
    offsets = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    parts = np.empty(int(offsets[-1]), np.uint8)
    _gather(text, starts, ends, parts)
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(parts))


def joined(text: Bytes, spans: Places, fields: Places, prefix: Bytes) -> tuple[Bytes, Places]:
    """
    Return for each row the prefix and some of its fields, a zero byte between, and where each ends.

    Args:
        text: what the places are places of.
        spans: a row of starts and ends, two for each field.
        fields: which fields, in order.
        prefix: stands before the first field.

    """
    sizes = np.full(len(spans), len(prefix) + len(fields) - 1, np.int64)
    for field in fields.tolist():
        sizes += np.maximum(spans[:, 2 * field + 1] - spans[:, 2 * field], 0)
    ends = np.cumsum(sizes)
    whole = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    _join(text, spans, fields, prefix, whole)
    whole.setflags(write=False)  # one type, one compilation
    return whole, ends


@compiled
def _gather(text: Bytes, starts: Places, ends: Places, into: Bytes) -> None:
    place = 0
    for row in range(len(starts)):
        for at in range(starts[row], ends[row]):
            into[place] = text[at]
            place += 1


@compiled
def _join(text: Bytes, spans: Places, fields: Places, prefix: Bytes, into: Bytes) -> None:
    place = 0
    for row in range(len(spans)):
        for byte in prefix:
            into[place] = byte
            place += 1
        for order in range(len(fields)):
            field = fields[order]
            for at in range(spans[row, 2 * field], spans[row, 2 * field + 1]):
                into[place] = text[at]
                place += 1
            place += 1 if order < len(fields) - 1 else 0
