"""
What a batch of asks rests on, read at its beginning and stored at its end.

Counters are locked in the order of their keys, so that two batches never wait for each other.
Between, everything is decided in memory, one ask after the other: the second sees what the first
took.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.quotas.asks import Ask, Decision
from tallystick.app.quotas.counting import Recount
from tallystick.app.quotas.limits import KnownLimit, Standing, counter_key
from tallystick.app.quotas.ports import (
    Consumption,
    Counter,
    CounterKey,
    Hold,
    HoldKind,
    Unit,
)
from tallystick.app.quotas.standing_rows import UnitKey, read_standing_rows
from tallystick.app.quotas.watching import CounterChange, Enforced, Watching
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT
from tallystick.quotas import Limit, Reason, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """What desks are made with: who knows limits and what was ingested, and who is told."""

    recount: Recount
    watching: Watching


class Desk:
    """The working set of one batch in one transaction."""

    def __init__(self, asks: Sequence[Ask], *, at: datetime, uow: UnitOfWork, desks: Desks) -> None:
        self.at = at
        self.workspace = uow.workspace
        self._uow = uow
        self._desks = desks
        rows = read_standing_rows(asks, at=at, uow=uow, recount=desks.recount)
        self._standings = rows.standings
        self.counters = rows.counters
        self.consumptions = rows.consumptions
        self.logged = rows.logged
        self.holds = rows.holds
        self.units = rows.units
        self._first = dict(self.counters)
        self._mark_changed()
        self._made: list[Consumption] = []
        self._saved_holds: dict[tuple[HoldKind, str], Hold] = {}
        self._acquired: dict[UnitKey, Unit] = {}
        self._dropped: set[UnitKey] = set()
        self.trace_id = ""
        self._traces: dict[CounterKey, str] = {}
        self._told: dict[tuple[str, str, Reason], Enforced] = {}

    def standing(self, account: str) -> Standing:
        """Return what an account of the batch may use."""
        return self._standings[account]

    def known_limit(self, account: str, feature: str) -> KnownLimit | None:
        """Return the limit of an account, None where nothing is known of the feature."""
        return self._standings[account].limits.get(feature)

    def tally(self, limit: Limit) -> Tally:
        """Return what stands against a limit now."""
        counter = self.counters.get(counter_key(limit))
        if counter is None:
            return Tally()
        if limit.rolling is None:
            return counter.tally
        return replace(counter.tally, used=counter.tally.recent.used(self.at, limit.rolling))

    def put(self, limit: Limit, tally: Tally) -> None:
        """Take a new count of a limit."""
        key = counter_key(limit)
        self.counters[key] = replace(self.counters[key], tally=tally, enforced=limit.most)
        self._traces[key] = self.trace_id

    def tell(self, made: Decision) -> None:
        """Take a decision of which somebody is told."""
        told = made.account, made.limited_by or made.feature, made.reason
        known = self.known_limit(*told[:2])
        if known is not None and told not in self._told:
            limit, reason, trace_id = known.limit, made.reason, self.trace_id
            self._told[told] = Enforced(
                limit=limit, account=made.account, reason=reason, trace_id=trace_id
            )

    def put_hold(self, hold: Hold) -> None:
        """Take a reservation or lease as it stands now."""
        self.holds[hold.kind, hold.key] = hold
        self._saved_holds[hold.kind, hold.key] = hold

    def consume(self, consumption: Consumption) -> None:
        """Take a use that becomes an event."""
        self.consumptions[consumption.source, consumption.id] = consumption
        self._made.append(consumption)

    def acquire(self, unit: UnitKey, acquired: Unit) -> None:
        """Let a unit exist."""
        self.units[unit] = acquired.quantity
        self._acquired[unit] = acquired
        self._dropped.discard(unit)

    def give_back(self, unit: UnitKey) -> Decimal:
        """Let a unit be gone; return what it counted."""
        if self._acquired.pop(unit, None) is None:
            self._dropped.add(unit)
        return self.units.pop(unit)

    def store(self) -> None:
        """Write what has changed, and tell of it; the caller commits."""
        changed = [one for key, one in self.counters.items() if one is not self._first.get(key)]
        uow = self._uow
        if self._made:
            uow.consumptions.add(self._made, counted=changed)
        elif changed:
            uow.counters.save(changed)
        if self._saved_holds:
            uow.holds.save(list(self._saved_holds.values()))
        if self._dropped:
            uow.holds.drop_units(self._dropped)
        if self._acquired:
            uow.holds.add_units(self._acquired, at=self.at)
        watching = self._desks.watching
        watching.changed(list(self._changes(changed)), at=self.at, uow=self._uow)
        watching.enforced(list(self._told.values()), at=self.at, uow=self._uow)

    def _changes(self, changed: Iterable[Counter]) -> Iterable[CounterChange]:
        limits = {
            counter_key(known.limit): known.limit
            for standing in self._standings.values()
            for known in standing.limits.values()
        }
        for counter in changed:
            limit = limits.get(counter.key)
            first = self._first.get(counter.key)
            if limit is not None and first is not None and first.tally.used != counter.tally.used:
                yield CounterChange(
                    limit=limit,
                    before=first.tally.used,
                    after=counter.tally.used,
                    trace_id=self._traces.get(counter.key, ""),
                )

    def _mark_changed(self) -> None:
        """Let what leases hold be looked at, where a limit is no longer what was enforced."""
        known = [each for one in self._standings.values() for each in one.limits.values()]
        for limit in (each.limit for each in known):
            counter = self.counters.get(key := counter_key(limit))
            if counter is not None and counter.enforced not in (None, limit.most):
                self.counters[key] = replace(counter, enforced=limit.most, check_at=self.at)


def less(amount: Decimal, part: Decimal) -> Decimal:
    """Return an amount without a part of it, exactly."""
    return EXACT.subtract(amount, part)
