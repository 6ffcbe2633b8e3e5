"""
One block of the log: the events of one durable append, with their identities.

Layout, little endian:

| bytes | content                                                             |
|-------|---------------------------------------------------------------------|
| 4     | magic `TBK1`                                                        |
| 4     | length of the batch section                                         |
| 4     | length of the batch section once decompressed                       |
| 4     | number of events                                                    |
| 8     | position of the first event                                         |
| 32    | SHA-256 over the 24 bytes above and both sections                   |
| n     | batch: an Arrow record batch of `EVENT_SCHEMA`, compressed (zstd 1) |
| 24 k  | identities: for each event a 16-byte key and an 8-byte digest       |

The identities stand beside the events because the digest of the content *as sent* (spelling of
time, white space of data) cannot be computed again from the stored row, and because the index must
be rebuilt from the log alone. A block is written by one `write`, so that a torn write can only be
the last block of the last segment.
"""

import hashlib
import struct
from dataclasses import dataclass

import pyarrow as pa

from tallystick.app.ingest import EVENT_SCHEMA
from tallystick.kernel import check

MAGIC = b"TBK1"
_HEAD = struct.Struct("<4sIIIQ")
HEADER_BYTES = _HEAD.size + 32
IDENTITY_BYTES = 24
BLOCK_BYTES_MAX = 1 << 30

_CODEC = pa.Codec("zstd", compression_level=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeader:
    """What a block says of itself; positions are 1-based and dense."""

    batch_bytes: int
    plain_bytes: int
    count: int
    first_position: int
    digest: bytes

    @property
    def last_position(self) -> int:
        """Position of the last event of the block."""
        return self.first_position + self.count - 1

    @property
    def body_bytes(self) -> int:
        """Bytes that follow the header."""
        return self.batch_bytes + self.count * IDENTITY_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A decoded block: events in log order, and 24 bytes of identity for each."""

    header: BlockHeader
    batch: pa.RecordBatch
    identities: bytes

    @property
    def first_position(self) -> int:
        """Position of the first event."""
        return self.header.first_position


def encode_block(batch: pa.RecordBatch, identities: bytes, *, first_position: int) -> bytes:
    """Return the bytes of one block; the batch must have `EVENT_SCHEMA` and at least one row."""
    check(batch.num_rows > 0, "a block holds at least one event")
    check(len(identities) == batch.num_rows * IDENTITY_BYTES, "one identity for each event")
    plain = batch.serialize()
    body: bytes = _CODEC.compress(plain, asbytes=True)
    head = _HEAD.pack(MAGIC, len(body), plain.size, batch.num_rows, first_position)
    digest = hashlib.sha256(head)
    digest.update(body)
    digest.update(identities)
    return b"".join((head, digest.digest(), body, identities))


def decode_header(raw: bytes) -> BlockHeader | None:
    """Return the header, or None where these bytes cannot begin a block."""
    if len(raw) < HEADER_BYTES:
        return None
    magic, batch_bytes, plain_bytes, count, first_position = _HEAD.unpack_from(raw)
    body_bytes = batch_bytes + count * IDENTITY_BYTES
    if magic != MAGIC or count == 0 or max(body_bytes, plain_bytes) > BLOCK_BYTES_MAX:
        return None
    return BlockHeader(
        batch_bytes=batch_bytes,
        plain_bytes=plain_bytes,
        count=count,
        first_position=first_position,
        digest=raw[_HEAD.size : HEADER_BYTES],
    )


def body_matches(header: BlockHeader, body: bytes | memoryview) -> bool:
    """Tell whether the sections are complete and are those that the header was written for."""
    if len(body) != header.body_bytes:
        return False
    head = _HEAD.pack(
        MAGIC, header.batch_bytes, header.plain_bytes, header.count, header.first_position
    )
    digest = hashlib.sha256(head)
    digest.update(body)
    return digest.digest() == header.digest


def decode_block(header: BlockHeader, body: bytes) -> Block:
    """Return the events and identities of a body that `body_matches`."""
    packed = pa.py_buffer(body).slice(0, header.batch_bytes)
    plain = _CODEC.decompress(packed, decompressed_size=header.plain_bytes)
    batch = pa.ipc.read_record_batch(plain, EVENT_SCHEMA)
    return Block(header=header, batch=batch, identities=body[header.batch_bytes :])
