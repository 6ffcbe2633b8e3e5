"""
Arrow IPC streams of strangers: read so that what they state about themselves is not believed.

Arrow reads a buffer where the stream says that it is and as far as it says, so that a stream can
point outside of itself: each batch is checked whole before a value of it is touched. A stream whose
buffers are packed can unpack to a million times its size, before anything of it can be looked at,
so that such ones are refused: a body is packed as a whole, with `Content-Encoding`.
"""

import struct
from collections.abc import Iterator

import pyarrow as pa

from tallystick.kernel import Misuse

_UNREADABLE = (pa.ArrowException, OSError, EOFError, MemoryError, UnicodeDecodeError)
_HEADER_OF_MESSAGE = 2
_COMPRESSION_OF_BATCH = 3


def read_stream(body: bytes) -> Iterator[pa.Schema | pa.RecordBatch]:
    """
    Yield the schema of a stream and then its batches, each of which is sound.

    Raises:
        Misuse: not such a stream, or one with packed buffers or dictionaries.

    """
    try:
        messages = pa.ipc.MessageReader.open_stream(body)
        schema = _schema(next(messages, None))
        yield schema
        for message in messages:
            yield _batch(message, schema)
    except _UNREADABLE as error:
        text = f"not an Arrow IPC stream: {error}"
        raise Misuse(text) from error


def _schema(message: pa.ipc.Message | None) -> pa.Schema:
    if message is None or message.type != "schema":
        text = "not an Arrow IPC stream: it does not begin with a schema"
        raise Misuse(text)
    schema = pa.ipc.read_schema(message)
    for field in schema:
        str(field.name)  # raises where a name is not UTF-8
    return schema


def _batch(message: pa.ipc.Message, schema: pa.Schema) -> pa.RecordBatch:
    if message.type != "record batch":
        text = f"an Arrow stream of events holds record batches, not a {message.type}"
        raise Misuse(text)
    if _is_packed(message.metadata.to_pybytes()):
        text = "the buffers of an Arrow stream must not be compressed; use Content-Encoding: zstd"
        raise Misuse(text)
    batch = pa.ipc.read_record_batch(message, schema)
    batch.validate(full=True)
    return batch


def _is_packed(metadata: bytes) -> bool:
    """Tell whether the head of a record batch (a FlatBuffer, checked by Arrow) names a codec."""
    (root,) = struct.unpack_from("<I", metadata, 0)
    at = root + _field(metadata, root, _HEADER_OF_MESSAGE)
    (head,) = struct.unpack_from("<I", metadata, at)
    return _field(metadata, at + head, _COMPRESSION_OF_BATCH) != 0


def _field(metadata: bytes, table: int, number: int) -> int:
    """Return where a field of a table stands, counted from the table; 0 if it is absent."""
    (back,) = struct.unpack_from("<i", metadata, table)
    (size,) = struct.unpack_from("<H", metadata, table - back)
    place = 4 + 2 * number
    if place >= size:
        return 0
    (offset,) = struct.unpack_from("<H", metadata, table - back + place)
    return int(offset)
