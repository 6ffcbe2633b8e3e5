"""What a comparison of the log with what is derived from it finds, and whom it asks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

import pyarrow as pa

from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter

SAMPLE_MAX = 10
"""Positions that a difference names; it counts all of them."""


class Store(StrEnum):
    """
    What is derived from the log.

    ``events``, ``corrections`` and ``backfills`` are tables of the projection; ``roll_ups`` are
    made of it; ``manifest`` is the list of sealed segments in PostgreSQL; ``invoices`` are those
    issued.
    """

    EVENTS = "events"
    CORRECTIONS = "corrections"
    BACKFILLS = "backfills"
    ROLL_UPS = "roll_ups"
    MANIFEST = "manifest"
    INVOICES = "invoices"


ANSWERING = frozenset({Store.EVENTS, Store.CORRECTIONS, Store.BACKFILLS, Store.ROLL_UPS})
"""Stores that quantities are read from: while one differs, nothing may be billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that are told together: of a workspace, a day of use in UTC and an event type."""

    workspace: WorkspaceId
    day: date
    about: str


Fault: TypeAlias = tuple[Store, Group]
"""Where something is wrong."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """
    How many rows of a group are wrong in a store.

    Attributes:
        missing: positions of the log that the store lacks.
        doubled: positions that it holds more than once.
        changed: positions whose content is another.
        foreign: rows at positions that belong to another group, or to nothing.
        logged_rows, held_rows: rows at those positions, by the log and in the store.
        positions: the first few of them.
    """

    missing: int = 0
    doubled: int = 0
    changed: int = 0
    foreign: int = 0
    logged_rows: int = 0
    held_rows: int = 0
    positions: tuple[int, ...] = ()

    def include(self, other: "Faults") -> None:
        """Add the faults of other positions."""
        self.missing += other.missing
        self.doubled += other.doubled
        self.changed += other.changed
        self.foreign += other.foreign
        self.logged_rows += other.logged_rows
        self.held_rows += other.held_rows
        self.positions = tuple(sorted({*self.positions, *other.positions})[:SAMPLE_MAX])


@dataclass(slots=True, kw_only=True)
class Comparison:
    """
    What is wrong in a span of positions; empty where store and log agree.

    Attributes:
        faults: by store and group.
        wrong: the positions to take out and load again, by the same.
    """

    faults: dict[Fault, Faults] = field(default_factory=dict)
    wrong: dict[Fault, set[int]] = field(default_factory=dict)

    def note(self, where: Fault, faults: Faults, positions: Iterable[int]) -> None:
        """Add positions of a group that are wrong."""
        listed = sorted(positions)
        faults.positions = tuple(listed[:SAMPLE_MAX])
        self.faults.setdefault(where, Faults()).include(faults)
        self.wrong.setdefault(where, set()).update(listed)

    def include(self, other: "Comparison") -> None:
        """Add what was found elsewhere."""
        for where, found in other.faults.items():
            self.faults.setdefault(where, Faults()).include(found)
            self.wrong.setdefault(where, set()).update(other.wrong[where])

    def narrowed(self, chosen: Callable[[Group], bool]) -> "Comparison":
        """Return what concerns the groups chosen."""
        return Comparison(
            faults={where: found for where, found in self.faults.items() if chosen(where[1])},
            wrong={where: found for where, found in self.wrong.items() if chosen(where[1])},
        )

    def positions(self) -> dict[Store, list[int]]:
        """Return for each store the positions to load again, ascending."""
        stores: dict[Store, set[int]] = {}
        for (store, _), found in self.wrong.items():
            stores.setdefault(store, set()).update(found)
        return {store: sorted(found) for store, found in stores.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What rows of a group come to for a meter: how many have a value, and the exact sum of it."""

    rows: int = 0
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    One group of rows in which a store does not say what the log says.

    Attributes:
        about: event type; of a roll-up its block; of an invoice its number.
        meter: where it concerns one: then `logged` and `held` are sums of what it reads, else
            numbers of rows. The sums are of all rows of the day, corrected ones included.
        logged, held: what the log says and what the store says, as decimal texts.
        faults: how many rows are wrong, and which.
        repairable: whether loading again mends it; an issued invoice is never touched.
        repaired: whether it was mended.
    """

    store: Store
    workspace: WorkspaceId
    day: date | None
    about: str
    meter: str = ""
    logged: str
    held: str
    faults: Faults = field(default_factory=Faults)
    repairable: bool = True
    repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDifference:
    """
    A block of a meter's roll-up that differs from the events on a day.

    ``first`` is the first block of level 0 that must be made anew for it.
    """

    level: int
    block: int
    first: int
    day: date
    logged: Total
    held: Total


Logged: TypeAlias = Callable[[int, int], Iterator[pa.Table]]
"""Yields the rows of the log from one position through another, with their positions."""


class ComparedProjection(Protocol):
    """The tables of the projection beside the log."""

    def compare(self, logged: Logged, first: int, last: int) -> Comparison:
        """Return what is wrong from one position through another."""
        ...

    def beyond(self, last: int) -> Comparison:
        """Return the rows at positions that the log does not have."""
        ...

    def mend(self, logged: Logged, first: int, last: int, wrong: Mapping[Store, list[int]]) -> None:
        """Take positions out and load them again from the log."""
        ...

    def remove_beyond(self, last: int) -> None:
        """Take out the rows at positions that the log does not have."""
        ...

    def rows_of(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield rows of the log as the projection must hold them."""
        ...

    def held(self, group: Group, meter: Meter, *, first: int, last: int) -> Total | None:
        """
        Return what a meter reads from the projection's rows of a group between two positions.

        Rows of backfills are left out. None: the engine cannot compute it exactly.
        """
        ...


class ComparedRollUps(Protocol):
    """Roll-ups beside the events they are made of."""

    def steps(self, workspace: WorkspaceId, meter: Meter, *, through: int) -> range:
        """Return the steps in which roll-ups are compared, from the first that has some."""
        ...

    def compare(self, workspace: WorkspaceId, meter: Meter, step: int) -> list[BlockDifference]:
        """Return the blocks of a step that differ."""
        ...

    def forget(self, workspace: WorkspaceId, meter: Meter, *, block: int) -> None:
        """Drop the roll-ups from a block of level 0 on, which are then made anew."""
        ...
