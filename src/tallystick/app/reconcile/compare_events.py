"""The log beside the projection: span by span compared, told per meter and day, and repaired."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tallystick.app.ingest import Block
from tallystick.app.reconcile.ports import (
    Comparison,
    Difference,
    Fault,
    Faults,
    Group,
    Store,
    Total,
)
from tallystick.app.reconcile.sources import ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope, logged_tables, spans
from tallystick.app.reconcile.totals import LoggedTotals, Metered, MetersByType
from tallystick.kernel import EXACT, WorkspaceId, plain
from tallystick.metering import Meter

ROUNDS_MAX = 3
"""Times that a span is repaired: what a correction supersedes may depend on the row before it."""
LAST_POSITION = (1 << 63) - 1


@dataclass(slots=True, kw_only=True)
class EventFindings:
    """
    What was found between log and projection.

    Attributes:
        faults: by store and group, before any repair.
        excess: what the projection holds more than the log says, by group and meter; None where the
            engine cannot compute it.
        repaired: positions that were loaded again or taken out.
        left: groups that are still wrong after a repair.
        outside: workspaces in which something is wrong that was not looked for.
    """

    faults: dict[Fault, Faults] = field(default_factory=dict)
    excess: dict[Metered, Total | None] = field(default_factory=dict)
    repaired: int = 0
    left: set[Fault] = field(default_factory=set)
    outside: set[WorkspaceId] = field(default_factory=set)


class EventComparison:
    """
    One pass over the log.

    Whoever waits may break it off between two blocks of the log, except while rows that were taken
    out are loaded again.
    """

    def __init__(
        self,
        sources: ReconcileSources,
        scope: Scope,
        meters: MetersByType,
        *,
        watched: Watched,
    ) -> None:
        self._sources = sources
        self._scope = scope
        self._meters = meters
        self._watched = watched
        self._whole = logged_tables(_blocks(sources, check=lambda: None))
        self._logged = logged_tables(_blocks(sources, check=watched.check))
        self.found = EventFindings()

    def compare(self, *, through: int, repair: bool) -> None:
        """
        Compare every span up to a position that the projection covers, and what lies beyond.

        Args:
            through: the last position.
            repair: load again what is wrong.
        """
        for first, last in spans(through):
            self._compare_span(first, last, repair=repair)
            self._watched.advance("events")
        self._compare_beyond(repair=repair)

    def differences(self, *, through: int, repair: bool) -> Iterator[Difference]:
        """Yield what was found; reads the log once more for the totals of the days concerned."""
        groups = {group for store, group in self.found.faults if store is Store.EVENTS}
        totals = LoggedTotals(groups, self._meters)
        if groups and through:
            totals.add(self._sources.projection.rows_of(self._logged(1, through)))
        for (store, group), faults in sorted(self.found.faults.items(), key=_order):
            rows = totals.rows.get(group, 0) if store is Store.EVENTS else faults.logged_rows
            difference = Difference(
                store=store,
                workspace=group.workspace,
                day=group.day,
                about=group.about,
                logged=str(rows),
                held=str(rows + faults.held_rows - faults.logged_rows),
                faults=faults,
                repaired=repair and (store, group) not in self.found.left,
            )
            yield difference
            if store is Store.EVENTS:
                yield from self._of_meters(difference, group, totals)

    def _of_meters(
        self, rows: Difference, group: Group, totals: LoggedTotals
    ) -> Iterator[Difference]:
        for meter in self._meters.get((group.workspace, group.about), ()):
            excess = self.found.excess.get((group, meter.key), Total())
            if excess is None or excess == Total():
                continue
            logged = totals.totals.get((group, meter.key), Total())
            held = EXACT.add(_amount(logged, meter), _amount(excess, meter))
            yield replace(
                rows,
                meter=meter.key,
                logged=plain(_amount(logged, meter)),
                held=plain(held),
            )

    def _compare_span(self, first: int, last: int, *, repair: bool) -> None:
        wrong = self._chosen(first, last)
        if not wrong.faults:
            return
        self._note(wrong, first, last)
        if not repair:
            return
        for _ in range(ROUNDS_MAX):
            positions = wrong.positions()
            self._sources.projection.mend(self._whole, first, last, positions)
            self.found.repaired += sum(map(len, positions.values()))
            wrong = self._chosen(first, last)
            if not wrong.faults:
                return
        self.found.left |= set(wrong.faults)

    def _compare_beyond(self, *, repair: bool) -> None:
        projection = self._sources.projection
        last = self._sources.durable_position()
        beyond = projection.beyond(last).narrowed(self._scope.holds)
        # The log may have grown, and been loaded, since its end was asked for.
        last = self._sources.durable_position()
        stray = {
            where: {one for one in found if one > last or one == 0}
            for where, found in beyond.wrong.items()
        }
        beyond.faults = {where: beyond.faults[where] for where, found in stray.items() if found}
        beyond.wrong = {where: found for where, found in stray.items() if found}
        if not beyond.faults:
            return
        self._note(beyond, last + 1, LAST_POSITION)
        if repair:
            # Asked once more, when no row can be loaded any longer: those that were are the log's.
            self._sources.while_not_loading(
                lambda: projection.remove_beyond(self._sources.durable_position())
            )
            self.found.repaired += sum(map(len, beyond.wrong.values()))

    def _chosen(self, first: int, last: int) -> Comparison:
        compared = self._sources.projection.compare(self._logged, first, last)
        self.found.outside |= {
            group.workspace for _, group in compared.faults if not self._scope.holds(group)
        }
        return compared.narrowed(self._scope.holds)

    def _note(self, wrong: Comparison, first: int, last: int) -> None:
        """Add the faults of a span, and by how much each meter is off in it."""
        for where, faults in wrong.faults.items():
            self.found.faults.setdefault(where, Faults()).include(faults)
        groups = {group for store, group in wrong.faults if store is Store.EVENTS}
        logged = LoggedTotals(groups, self._meters)
        if last < LAST_POSITION:
            logged.add(self._sources.projection.rows_of(self._logged(first, last)))
        for group in groups:
            for meter in self._meters.get((group.workspace, group.about), ()):
                held = self._sources.projection.held(group, meter, first=first, last=last)
                self._add_excess((group, meter.key), held, logged)

    def _add_excess(self, where: Metered, held: Total | None, logged: LoggedTotals) -> None:
        before = self.found.excess.get(where, Total())
        if held is None or before is None:
            self.found.excess[where] = None
            return
        must = logged.totals.get(where, Total())
        self.found.excess[where] = Total(
            rows=before.rows + held.rows - must.rows,
            value=EXACT.add(before.value, EXACT.subtract(held.value, must.value)),
        )


def _blocks(
    sources: ReconcileSources, *, check: Callable[[], None]
) -> Callable[[int, int], Iterator[Block]]:
    """Return what reads the log between two positions, and checks before each block."""

    def blocks(first: int, last: int) -> Iterator[Block]:
        for block in sources.blocks_from(first, through=last):
            check()
            yield block

    return blocks


def _amount(total: Total, meter: Meter) -> Decimal:
    """Return what a meter counts: values where it reads numbers, else events."""
    counts = meter.value is None or meter.reads_text
    return Decimal(total.rows) if counts else total.value


def _order(item: tuple[Fault, Faults]) -> tuple[str, ...]:
    (store, group), _ = item
    return group.workspace, group.day.isoformat(), store, group.about
