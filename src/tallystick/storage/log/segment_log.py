"""
The log: every acknowledged event, in one order, in segments.

One writer in one process appends (the data directory's lock sees to that); any number of readers
read. `append` returns after the bytes are on stable storage, so that what it returned may be
acknowledged. A full segment is sealed by the append that follows it, so that everything derived
from an append (its identities) is settled by then.

After a failed write the file is cut back to its last whole block and the log goes on. After a
failed *sync* nothing is known about what reached the disk, so the log refuses everything until it
is opened again and recovered from what is really there.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pyarrow as pa

from tallystick.app.ingest import LogFull
from tallystick.app.segments import LogDamaged
from tallystick.kernel import EngineUnavailable, check
from tallystick.storage.log.block import BlockHeader, decode_header, encode_block
from tallystick.storage.log.removal import finish_removals
from tallystick.storage.log.segment import (
    Scan,
    SealedSegment,
    first_position_of,
    load_manifest,
    scan_segment,
    seal_segment,
    segment_path,
    segments,
    sync_directory,
)

SEGMENT_BYTES_MAX = 64 * 1024 * 1024
SEGMENT_EVENTS_MAX = 262_144


class SegmentLog:
    """Appends blocks to the open segment; single-threaded by contract."""

    def __init__(
        self,
        directory: Path,
        *,
        sync: Callable[[int], None] = os.fdatasync,
        segment_events_max: int = SEGMENT_EVENTS_MAX,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._sync = sync
        self._segment_events_max = segment_events_max
        self._failed = ""
        self._headers: list[BlockHeader] = []
        self._on_sealed: list[Callable[[Path], None]] = []
        self._recover()

    @property
    def last_position(self) -> int:
        """Position of the last durable event; 0 in an empty log."""
        return self._last_position

    @property
    def failure(self) -> str:
        """Why nothing is taken until the log is opened again; empty while all is well."""
        return self._failed

    @property
    def directory(self) -> Path:
        """Where the segments are."""
        return self._directory

    @property
    def open_segment(self) -> Path:
        """The segment that takes the next append."""
        return self._segment

    def when_sealed(self, callback: Callable[[Path], None]) -> None:
        """Call this with the path of each segment that is sealed from now on."""
        self._on_sealed.append(callback)

    def append(self, batch: pa.RecordBatch, identities: bytes) -> int:
        """
        Store events durably and return the position of the first.

        Raises:
            LogFull: no room; the log is unchanged and stays usable.
            EngineUnavailable: a sync failed before; the log must be opened again.

        """
        if self._failed:
            raise EngineUnavailable(self._failed)
        if self._end >= SEGMENT_BYTES_MAX or self._events_in_segment >= self._segment_events_max:
            self._roll()
        first = self._last_position + 1
        block = encode_block(batch, identities, first_position=first)
        self._write(block)
        header = decode_header(block)
        check(header is not None, "what was written begins with a header")
        self._headers.append(cast("BlockHeader", header))
        self._end += len(block)
        self._last_position += batch.num_rows
        return first

    def seal_open(self) -> None:
        """Seal the open segment if it holds anything; raises as `append`."""
        if self._failed:
            raise EngineUnavailable(self._failed)
        if self._events_in_segment:
            self._roll()

    def close(self) -> None:
        """Release the file; the open segment stays open for the next start."""
        os.close(self._descriptor)
        self._failed = "the log is closed"

    @property
    def _events_in_segment(self) -> int:
        return self._last_position - first_position_of(self._segment) + 1

    def _write(self, block: bytes) -> None:
        try:
            written = 0
            view = memoryview(block)
            while written < len(block):
                written += os.pwrite(self._descriptor, view[written:], self._end + written)
        except OSError as error:
            os.ftruncate(self._descriptor, self._end)
            message = f"the log could not be written ({error.strerror}); make room on the device"
            raise LogFull(message) from error
        try:
            self._sync(self._descriptor)
        except OSError as error:
            self._failed = f"the log could not be synced ({error.strerror}); restart the owner"
            raise EngineUnavailable(self._failed) from error

    def _recover(self) -> None:
        known = _recovered_segments(self._directory)
        if not known:
            self._last_position = 0
            self._start_segment(1)
            return
        last = known[-1]
        manifest = load_manifest(last)
        if manifest is not None:
            _check_size(last, manifest)
            self._last_position = manifest.last_position
            self._start_segment(manifest.last_position + 1)
            return
        scan = scan_segment(last)
        self._open(last, end=scan.end)
        os.ftruncate(self._descriptor, scan.end)
        os.fsync(self._descriptor)
        self._last_position = scan.last_position
        self._headers = list(scan.headers)

    def _start_segment(self, first_position: int) -> None:
        segment = segment_path(self._directory, first_position)
        segment.touch(mode=0o600)
        sync_directory(self._directory)
        self._open(segment, end=0)

    def _open(self, segment: Path, *, end: int) -> None:
        self._descriptor = os.open(segment, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._segment = segment
        self._end = end
        self._headers = []

    def _roll(self) -> None:
        """Seal the open segment and begin the next; the next append tries again what fails."""
        sealed, descriptor = self._segment, self._descriptor
        scan = Scan(end=self._end, last_position=self._last_position, headers=tuple(self._headers))
        try:
            seal_segment(sealed, scan)
            self._start_segment(self._last_position + 1)
            os.close(descriptor)
            check(self._events_in_segment == 0, "a new segment is empty")
            for callback in self._on_sealed:
                callback(sealed)
        except OSError as error:
            message = (
                f"the log could not begin a segment ({error.strerror}); make room on the device"
            )
            raise LogFull(message) from error


def _recovered_segments(directory: Path) -> list[Path]:
    """Finish what a crash left of removals and of sealing, and return all segments in order."""
    finish_removals(directory)
    known = segments(directory)
    for segment in known[:-1]:
        if load_manifest(segment) is None:
            seal_segment(segment)
    return known


def _check_size(segment: Path, manifest: SealedSegment) -> None:
    if segment.stat().st_size != manifest.size_bytes:
        message = f"{segment.name} is sealed with {manifest.size_bytes} bytes, but has others"
        raise LogDamaged(message)
