"""
Taking content out of sealed segments, each whole or not at all.

A segment is written anew beside the old one, block by block: positions, counts and identities stay
byte for byte, so that dense positions, the index of identities and what was acknowledged stay what
they were. A removed event keeps its type (as one held back for ever), source, subject, sequence and
instants; its id goes, and its data becomes the digest that evidence is made of.

    1. `<segment>.seg.new` is written and synced
    2. the manifest is replaced: the digest now, behind it those before
    3. the new file is renamed over the old one

The second step decides: after a crash before it the new file is thrown away, after it the renaming
is made up for. Nothing else may write to a sealed segment.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa

from tallystick.app.segments import LogDamaged
from tallystick.metering import REMOVED, Event, event_digest, held_type
from tallystick.storage.log.block import Block, BlockHeader, decode_header, encode_block
from tallystick.storage.log.segment import (
    SUFFIX,
    SealedSegment,
    load_manifest,
    read_blocks,
    scan_segment,
    sealed_path,
    segment_digest,
    sync_directory,
    write_durably,
)

NEW_SUFFIX = ".new"
Chosen = Callable[[Block], list[int]]
"""Gives the rows of a block whose content goes."""


def remove_content(segment: Path, chosen: Chosen) -> int:
    """
    Take the content out of rows of a sealed segment and return how many.

    Raises:
        LogDamaged: the segment is not as it was sealed; it is left as it is.
        OSError: no room; the segment is as it was.
    """
    manifest = load_manifest(segment)
    if manifest is None or not _holds_any(segment, manifest, chosen):
        return 0
    fresh = segment.with_name(segment.name + NEW_SUFFIX)
    removed, headers = _write_anew(segment, manifest, chosen, fresh=fresh)
    changed = msgspec.structs.replace(
        manifest,
        size_bytes=fresh.stat().st_size,
        digest=segment_digest(headers),
        replaced=(*manifest.replaced, manifest.digest),
    )
    write_durably(sealed_path(segment), msgspec.json.encode(changed))
    _put_in_place(fresh, segment)
    return removed


def finish_removals(directory: Path) -> None:
    """Make up for what a crash left out, before anything is read; see above."""
    for fresh in sorted(directory.glob(f"*{SUFFIX}{NEW_SUFFIX}")):
        segment = fresh.with_name(fresh.name.removesuffix(NEW_SUFFIX))
        manifest = load_manifest(segment)
        if manifest is not None and _is_described(fresh, manifest):
            _put_in_place(fresh, segment)
        else:
            fresh.unlink()


def is_broken_off(directory: Path) -> bool:
    """Return whether a crash left a segment half replaced; the next opening makes up for it."""
    return any(directory.glob(f"*{SUFFIX}{NEW_SUFFIX}"))


def _is_described(fresh: Path, manifest: SealedSegment) -> bool:
    if fresh.stat().st_size != manifest.size_bytes:
        return False
    renamed = fresh.with_name(fresh.name.removesuffix(NEW_SUFFIX))
    scan = scan_segment(fresh, first_position=int(renamed.stem))
    return segment_digest(scan.headers) == manifest.digest


def _put_in_place(fresh: Path, segment: Path) -> None:
    fresh.replace(segment)
    sync_directory(segment.parent)


def _holds_any(segment: Path, manifest: SealedSegment, chosen: Chosen) -> bool:
    last = manifest.first_position - 1
    for block in read_blocks(segment):
        if chosen(block):
            return True
        last = block.header.last_position
    if last != manifest.last_position:
        raise LogDamaged(f"{segment.name} ends at position {last}, not {manifest.last_position}")
    return False


def _write_anew(
    segment: Path, manifest: SealedSegment, chosen: Chosen, *, fresh: Path
) -> tuple[int, tuple[BlockHeader, ...]]:
    removed, headers, before = 0, list[BlockHeader](), list[BlockHeader]()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for block in read_blocks(segment):
            before.append(block.header)
            rows = chosen(block)
            batch = without_content(block.batch, rows) if rows else block.batch
            content = encode_block(batch, block.identities, first_position=block.first_position)
            file.write(content)
            header = decode_header(content)
            headers += [] if header is None else [header]
            removed += len(rows)
        file.flush()
        os.fsync(file.fileno())
    if segment_digest(tuple(before)) != manifest.digest:
        fresh.unlink()
        raise LogDamaged(f"{segment.name} is not as its manifest says; no content was removed")
    return removed, tuple(headers)


def without_content(batch: pa.RecordBatch, rows: list[int]) -> pa.RecordBatch:
    """Return a batch in which the events of some rows have lost their content."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    for row in rows:
        event = Event(**{name: values[row] for name, values in columns.items()}, position=0)
        columns["type"][row] = held_type(REMOVED, event.type)
        columns["id"][row] = ""
        columns["data"][row] = f'{{"digest":"{event_digest(event).hex()}"}}'
    return pa.RecordBatch.from_pydict(columns, schema=batch.schema)
