"""The log: segments of blocks with positions and digests, and the identities that they hold."""

from tallystick.app.segments import LogDamaged
from tallystick.storage.log.identity import IdentityIndex
from tallystick.storage.log.identity_run import IdentityRun, open_run, write_run
from tallystick.storage.log.identity_table import IdentityTable
from tallystick.storage.log.reader import blocks_from, event_at, events_at, read_events
from tallystick.storage.log.removable import rows_to_remove
from tallystick.storage.log.removal import finish_removals, is_broken_off, remove_content
from tallystick.storage.log.segment import (
    SealedSegment,
    first_position_of,
    load_manifest,
    read_headers,
    scan_segment,
    sealed_path,
    segment_digest,
    segments,
)
from tallystick.storage.log.segment_log import SegmentLog

__all__ = [
    "IdentityIndex",
    "IdentityRun",
    "IdentityTable",
    "LogDamaged",
    "SealedSegment",
    "SegmentLog",
    "blocks_from",
    "event_at",
    "events_at",
    "finish_removals",
    "first_position_of",
    "is_broken_off",
    "load_manifest",
    "open_run",
    "read_events",
    "read_headers",
    "remove_content",
    "rows_to_remove",
    "scan_segment",
    "sealed_path",
    "segment_digest",
    "segments",
    "write_run",
]
