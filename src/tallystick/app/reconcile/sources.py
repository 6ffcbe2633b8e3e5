"""Whom a reconciliation asks, and whom it tells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tallystick.app.clock import Clock
from tallystick.app.ingest import Block
from tallystick.app.invoicing import LoggedEvents
from tallystick.app.reconcile.ports import ComparedProjection, ComparedRollUps
from tallystick.app.segments import Segment
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter


class BlocksFrom(Protocol):
    """The log, read in order."""

    def __call__(self, position: int, *, through: int) -> Iterator[Block]:
        """Yield the blocks with events from one position through another."""
        ...


class Watched(Protocol):
    """Whoever waits for a reconciliation."""

    def expect(self, steps: int) -> None:
        """Take note of how many steps are to come."""
        ...

    def advance(self, stage: str) -> None:
        """Take note of one step; may take its time, to leave the machine to others."""
        ...

    def check(self) -> None:
        """Raise if nobody waits any longer; asked often, between two steps as well."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSources:
    """
    Whom to ask.

    Attributes:
        projection, rollups: what is compared and repaired.
        blocks_from: the log.
        durable_position: the last position of the log.
        covered_position: up to which the projection claims to hold every event.
        while_not_loading: calls what takes rows out beyond the log while the loader loads none, and
            lets it look again how far the projection reaches.
        meters: every meter of every workspace.
        projected: the events that count, read from the projection; for what rests on few of them.
        segments: what the sealed segments of the log hold, computed from their blocks.
        units, runner: units of work of a workspace, and across them.
        clock: says when.
    """

    projection: ComparedProjection
    rollups: ComparedRollUps
    blocks_from: BlocksFrom
    durable_position: Callable[[], int]
    covered_position: Callable[[], int]
    while_not_loading: Callable[[Callable[[], None]], None]
    meters: Callable[[], Iterable[tuple[WorkspaceId, Meter]]]
    projected: LoggedEvents
    segments: Callable[[], Sequence[Segment]]
    units: Callable[[WorkspaceId], UnitOfWork]
    runner: Callable[[], RunnerUnitOfWork]
    clock: Clock
