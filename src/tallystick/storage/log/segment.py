"""
Segments: the files of the log, named by the first position that they hold.

A segment is a sequence of blocks. The last segment of a log is *open*; all others are *sealed*: a
sidecar `<segment>.sealed` states first and last position, count, size and a digest over the
digests of the blocks in order. Sealed segments never change.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tallystick.app.segments import LogDamaged
from tallystick.storage.log.block import (
    HEADER_BYTES,
    MAGIC,
    Block,
    BlockHeader,
    body_matches,
    decode_block,
    decode_header,
)

SUFFIX = ".seg"
SEALED_SUFFIX = ".sealed"


class SealedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """
    The manifest of a sealed segment.

    Attributes:
        digest: SHA-256 over its blocks' digests in order.
        replaced: the digests that it had before content was removed from it, oldest first.
    """

    first_position: int
    last_position: int
    count: int
    size_bytes: int
    digest: str
    replaced: tuple[str, ...] = ()

    @property
    def sealed_digest(self) -> str:
        """Return the digest with which it was sealed, as PostgreSQL's manifest keeps it."""
        return (*self.replaced, self.digest)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a pass over a segment found; `end` is the byte after the last whole block."""

    end: int
    last_position: int
    headers: tuple[BlockHeader, ...]


def segment_path(directory: Path, first_position: int) -> Path:
    """Return the path of the segment that begins with this position."""
    return directory / f"{first_position:020d}{SUFFIX}"


def sealed_path(segment: Path) -> Path:
    """Return the path of a segment's manifest."""
    return segment.with_suffix(SEALED_SUFFIX)


def first_position_of(segment: Path) -> int:
    """Return the position that a segment's name states."""
    return int(segment.stem)


def segments(directory: Path) -> list[Path]:
    """Return the segments of a log, oldest first."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def load_manifest(segment: Path) -> SealedSegment | None:
    """Return the manifest of a sealed segment, None for an open one."""
    path = sealed_path(segment)
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=SealedSegment)


def read_blocks(segment: Path, *, offset: int = 0, end: int | None = None) -> Iterator[Block]:
    """Yield the blocks of a segment from a byte offset, up to the first that is not whole."""
    with segment.open("rb") as file:
        file.seek(offset)
        while end is None or file.tell() < end:
            header = decode_header(file.read(HEADER_BYTES))
            if header is None:
                return
            body = file.read(header.body_bytes)
            if not body_matches(header, body):
                return
            yield decode_block(header, body)


def read_blocks_where(segment: Path, wanted: Callable[[BlockHeader], bool]) -> Iterator[Block]:
    """
    Yield the blocks whose header is wanted, up to the first block that is not whole.

    The file is opened once, so that one that takes its place meanwhile is not mixed with it.
    """
    with segment.open("rb") as file:
        while (header := decode_header(file.read(HEADER_BYTES))) is not None:
            if not wanted(header):
                file.seek(header.body_bytes, os.SEEK_CUR)
                continue
            body = file.read(header.body_bytes)
            if not body_matches(header, body):
                return
            yield decode_block(header, body)


def read_headers(segment: Path) -> Iterator[tuple[int, BlockHeader]]:
    """Yield offset and header of each block without reading or checking bodies."""
    size = segment.stat().st_size
    with segment.open("rb") as file:
        offset = 0
        while offset < size:
            header = decode_header(file.read(HEADER_BYTES))
            if header is None or offset + HEADER_BYTES + header.body_bytes > size:
                return
            yield offset, header
            offset += HEADER_BYTES + header.body_bytes
            file.seek(offset)


def scan_segment(segment: Path, *, first_position: int | None = None) -> Scan:
    """
    Check every block of a segment and return where the whole blocks end.

    Args:
        segment: the file.
        first_position: that of its first event; None: as its name says.

    Raises:
        LogDamaged: positions are not dense, or a whole block follows a broken one.

    """
    first = first_position_of(segment) if first_position is None else first_position
    headers: list[BlockHeader] = []
    offset, expected = 0, first
    with segment.open("rb") as file:
        while (header := decode_header(file.read(HEADER_BYTES))) is not None:
            if not body_matches(header, file.read(header.body_bytes)):
                break
            if header.first_position != expected:
                message = f"{segment.name}: position {expected} expected at byte {offset}"
                raise LogDamaged(message)
            headers.append(header)
            offset = file.tell()
            expected = header.last_position + 1
    if offset != segment.stat().st_size:
        _refuse_block_behind(segment, offset)
    return Scan(end=offset, last_position=expected - 1, headers=tuple(headers))


def _refuse_block_behind(segment: Path, end: int) -> None:
    """Raise if a whole block follows: an append is one write, a torn one has nothing behind it."""
    with segment.open("rb") as file:
        file.seek(end)
        rest = memoryview(file.read())
    for found in re.finditer(re.escape(MAGIC), rest):
        start = found.start() + HEADER_BYTES
        header = decode_header(bytes(rest[found.start() : start]))
        if header is not None and body_matches(header, rest[start : start + header.body_bytes]):
            message = (
                f"{segment.name} is damaged at byte {end}, with whole blocks behind it; "
                "restore it from a backup"
            )
            raise LogDamaged(message)


def seal_segment(segment: Path, scan: Scan | None = None) -> SealedSegment:
    """
    Write the manifest of a segment durably and return it.

    Args:
        segment: the segment, which takes no further block.
        scan: what the writer knows of it; without it every block is read and checked.

    Raises:
        LogDamaged: bytes that belong to no block, or no block at all.

    """
    scan = scan or scan_segment(segment)
    size = segment.stat().st_size
    if scan.end != size or not scan.headers:
        message = f"{segment.name} has {size - scan.end} bytes that belong to no block"
        raise LogDamaged(message)
    manifest = SealedSegment(
        first_position=first_position_of(segment),
        last_position=scan.last_position,
        count=sum(header.count for header in scan.headers),
        size_bytes=size,
        digest=segment_digest(scan.headers),
    )
    write_durably(sealed_path(segment), msgspec.json.encode(manifest))
    return manifest


def segment_digest(headers: tuple[BlockHeader, ...]) -> str:
    """Return `sha256:<hex>` over the digests of the blocks in order."""
    digest = hashlib.sha256()
    for header in headers:
        digest.update(header.digest)
    return f"sha256:{digest.hexdigest()}"


def write_durably(path: Path, content: bytes) -> None:
    """Replace a small file so that a crash leaves either the old or the new content."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make creations, renames and removals in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
