"""The manifest of sealed log segments."""

from tallystick.app.segments.ports import Segment, SegmentManifest

__all__ = ["Segment", "SegmentManifest"]
