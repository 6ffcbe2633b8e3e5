"""Declared sources of events, and how far each has been read."""

from tallystick.app.sources.declare_source import (
    DeclareSource,
    PauseSource,
    RemoveSource,
    declare_source,
    pause_source,
    remove_source,
)
from tallystick.app.sources.offsets import PartitionState, Span, covered, lost, skipped
from tallystick.app.sources.ports import Item, ItemStatus, Source, SourceStatus, SourceStore
from tallystick.app.sources.read_sources import find_source, list_items, list_sources
from tallystick.app.sources.report_progress import (
    PartitionReport,
    ReportProgress,
    UnreadableMessage,
    report_progress,
)

__all__ = [
    "DeclareSource",
    "Item",
    "ItemStatus",
    "PartitionReport",
    "PartitionState",
    "PauseSource",
    "RemoveSource",
    "ReportProgress",
    "Source",
    "SourceStatus",
    "SourceStore",
    "Span",
    "UnreadableMessage",
    "covered",
    "declare_source",
    "find_source",
    "list_items",
    "list_sources",
    "lost",
    "pause_source",
    "remove_source",
    "report_progress",
    "skipped",
]
