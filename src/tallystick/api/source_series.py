"""
What `/metrics` tells of declared sources: age of the newest event, offsets, holes, what is lost.

Series are named by workspace and source. Their number is bounded: sources come in order until
PARTITIONS_MAX partitions are told; a source whose senders number their events, of which there may
be very many, is told as a whole, without offsets by partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tallystick.app.sources import PartitionState, SourceFigures, Span, believed

PARTITIONS_MAX = 5000
_PREFIX = "tallystick_source"
_OF_SOURCE = ("workspace", "source", "kind")
_GAUGES = {
    "newest_event_age_seconds": "Age of the newest event of a source; absent if it had none.",
    "messages": "Messages or events that a source gave so far.",
    "open_offsets": "Offsets that were passed over and are still to be read.",
    "lost_offsets": "Offsets that the other side no longer holds.",
    "holes_found": "Holes that ever opened.",
    "problems": "Partitions of a source with a problem just now.",
    "paused": "Whether a source is paused.",
}


class SourceSeries(Collector):
    """The series of declared sources, as they were told last."""

    def __init__(self) -> None:
        self._families: Sequence[GaugeMetricFamily] = ()

    def tell(self, figures: Iterable[SourceFigures], *, now: datetime) -> None:
        """Put the figures in the place of those before."""
        gauges = {
            name: GaugeMetricFamily(f"{_PREFIX}_{name}", text, labels=_OF_SOURCE)
            for name, text in _GAUGES.items()
        }
        offsets = GaugeMetricFamily(
            f"{_PREFIX}_next_offset",
            "The first offset of a partition that has not been read.",
            labels=("workspace", "source", "partition"),
        )
        for each in figures:
            names = (each.workspace, each.source, each.kind)
            for name, value in _values(each, now).items():
                gauges[name].add_metric(names, value)
            for part in each.partitions:
                if part.numbering is None:
                    labels = (each.workspace, each.source, part.partition)
                    offsets.add_metric(labels, part.next_offset)
        self._families = (*gauges.values(), offsets)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return what was told last."""
        return self._families


def _values(figures: SourceFigures, now: datetime) -> dict[str, int]:
    shown: list[PartitionState] = [believed(part) for part in figures.partitions]
    newest = max((part.newest_at for part in shown if part.newest_at is not None), default=None)
    values = {
        "messages": sum(part.messages for part in shown),
        "open_offsets": sum(_offsets(part.open) for part in shown),
        "lost_offsets": sum(_offsets(part.lost) for part in shown),
        "holes_found": sum(part.holes_found for part in shown),
        "problems": sum(bool(part.problem) for part in shown),
        "paused": int(figures.paused),
    }
    if newest is not None:
        values["newest_event_age_seconds"] = int((now - newest).total_seconds())
    return values


def _offsets(spans: Iterable[Span]) -> int:
    return sum(span.end - span.first for span in spans)
