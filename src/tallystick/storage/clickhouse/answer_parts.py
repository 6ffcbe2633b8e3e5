"""What a question is answered from: the parts of a run of windows, and how they are added up."""

from dataclasses import dataclass, replace

from tallystick.metering import UsageQuery
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.parts import placed_events
from tallystick.storage.clickhouse.rolled import Rolled, rolled_parts, rolled_totals
from tallystick.storage.clickhouse.totals import COMPILE, Totals
from tallystick.storage.clickhouse.windows import WindowRun


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParts:
    """
    What a question is answered from.

    Attributes:
        source: the query of its parts, each with its window ``w``.
        totals: what they come to.
        readable: how many readable events they are.
        unreadable: how many unreadable ones.
        any_at_all: how many rows stand inside a window.
    """

    source: str
    totals: Totals
    readable: str
    unreadable: str
    any_at_all: str


def parts_of_events(query: UsageQuery, run: WindowRun, bind: Bindings) -> AnswerParts:
    """Return the events of a run of windows as its parts."""
    return AnswerParts(
        source=placed_events(query, run, bind),
        totals=COMPILE[query.meter.aggregation](of_run(query, run), bind),
        readable="countIf(readable AND at >= a)",
        unreadable="countIf(NOT readable)",
        any_at_all="countIf(at >= a)",
    )


def parts_of_rollups(
    query: UsageQuery, run: WindowRun, rolled: Rolled, bind: Bindings
) -> AnswerParts:
    """Return the roll-ups of a run of windows, and the events beside them, as its parts."""
    return AnswerParts(
        source=rolled_parts(query, run, rolled, bind),
        totals=rolled_totals(query),
        readable="sum(counted)",
        unreadable="sum(unread)",
        any_at_all="sum(counted) + sum(unread)",
    )


def of_run(query: UsageQuery, run: WindowRun) -> UsageQuery:
    """Return the query with the windows of a run alone."""
    zones = tuple(query.zone_of(index) for index in run.indices)
    return replace(query, windows=run.windows, zones=zones)
