"""Declared sources of events, and how far each has been read."""

from tallystick.app.sources.close_hole import CloseHole, close_hole
from tallystick.app.sources.declare_source import (
    DeclareSource,
    PauseSource,
    RemoveSource,
    declare_source,
    pause_source,
    remove_source,
)
from tallystick.app.sources.offsets import (
    Numbering,
    PartitionState,
    Span,
    covered,
    explained,
    lost,
    skipped,
)
from tallystick.app.sources.ports import (
    Item,
    ItemStatus,
    SenderSequence,
    SequenceStore,
    Source,
    SourceDirectory,
    SourceFigures,
    SourceStatus,
    SourceStore,
)
from tallystick.app.sources.read_sources import find_source, list_items, list_sources
from tallystick.app.sources.report_progress import (
    PartitionReport,
    RefusedMessage,
    ReportProgress,
    UnreadableMessage,
    report_progress,
)
from tallystick.app.sources.sequences import SenderNumbers, believed, heard, looked_at
from tallystick.app.sources.watch_sequences import (
    NumberReader,
    WatchedSequence,
    find_sequence,
    watch_sequence,
)

__all__ = [
    "CloseHole",
    "DeclareSource",
    "Item",
    "ItemStatus",
    "NumberReader",
    "Numbering",
    "PartitionReport",
    "PartitionState",
    "PauseSource",
    "RefusedMessage",
    "RemoveSource",
    "ReportProgress",
    "SenderNumbers",
    "SenderSequence",
    "SequenceStore",
    "Source",
    "SourceDirectory",
    "SourceFigures",
    "SourceStatus",
    "SourceStore",
    "Span",
    "UnreadableMessage",
    "WatchedSequence",
    "believed",
    "close_hole",
    "covered",
    "declare_source",
    "explained",
    "find_sequence",
    "find_source",
    "heard",
    "list_items",
    "list_sources",
    "looked_at",
    "lost",
    "pause_source",
    "remove_source",
    "report_progress",
    "skipped",
    "watch_sequence",
]
