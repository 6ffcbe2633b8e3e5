"""The manifest of sealed log segments, and whether the projection agrees with it."""

from tallystick.app.segments.agreement import ManifestAgreement
from tallystick.app.segments.ports import Agreement, LogDamaged, Segment, SegmentManifest
from tallystick.app.segments.record_segments import SegmentRecorder, record_segments

__all__ = [
    "Agreement",
    "LogDamaged",
    "ManifestAgreement",
    "Segment",
    "SegmentManifest",
    "SegmentRecorder",
    "record_segments",
]
