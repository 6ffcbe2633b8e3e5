"""
What closing an open backfill would change, or reverting a closed one: quantities before and after.

By account, meter and month of the account's zone, as far as the events of the set reach. Nothing is
written. Usage that nobody owns yet changes no account's quantity and is not shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.accounts import Account, ownerships_of, spans_of
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections.ports import Backfill, BackfillState, CorrectionSources
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    Outcome,
    Period,
    Refused,
    ResourceKey,
    calendar_anchor,
    period_at,
    plain,
    refuse,
    time_zone,
)
from tallystick.metering import RULES, Change, Meter, Reach, UsageQuery, definitions_of, reach_of

CELLS_MAX = 500
COVER_SECONDS_MAX = 10.0
MONTHS_MAX = 120
_MONTH = Interval(count=1, of=IntervalUnit.MONTH)


class QuantityChange(msgspec.Struct, frozen=True, kw_only=True):
    """The quantity of a month as it stands, and as it would; exact texts in ``unit``."""

    account: AccountKey
    meter: str
    unit: str
    start: datetime
    end: datetime
    before: str
    after: str


class BackfillPreview(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the next step would change; months that stay as they are are left out.

    ``complete`` is False where more accounts and meters are concerned than were looked at.
    """

    backfill: Backfill
    changes: tuple[QuantityChange, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """An account and a meter that a backfill reaches, and from when to when."""

    account: Account
    meter: Meter
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    backfill: Backfill
    caller: Caller
    usage: UsageReader
    position: int
    now: datetime


def preview_backfill(
    name: str, *, caller: Caller, uow: UnitOfWork, sources: CorrectionSources, usage: UsageReader
) -> Outcome[BackfillPreview]:
    """
    Return what closing a set would change, or reverting it once it is closed.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_covered: events that the log holds are being loaded; ask again.
        not_found: there is no set of this name.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if not sources.known.wait_covered(sources.log.durable_position(), COVER_SECONDS_MAX):
        return refuse("not_covered", "events are being loaded; ask again")
    backfill = sources.known.backfill(caller.workspace, name)
    if backfill is None:
        return refuse("not_found", f"there is no backfill {name}", "name")
    if backfill.state is BackfillState.REVERTED:
        return Done(BackfillPreview(backfill=backfill, changes=(), complete=True))
    asked = _Asked(
        backfill=backfill,
        caller=caller,
        usage=usage,
        position=usage.covered_position(),
        now=sources.clock.now(),
    )
    with uow:
        cells = list(_cells(asked, uow, sources))
        changes = [change for cell in cells[:CELLS_MAX] for change in _changes(asked, cell, uow)]
    return Done(
        BackfillPreview(backfill=backfill, changes=tuple(changes), complete=len(cells) <= CELLS_MAX)
    )


def _cells(asked: _Asked, uow: UnitOfWork, sources: CorrectionSources) -> Iterator[_Cell]:
    """Yield each account and meter once, with all the time that is reached."""
    found: dict[tuple[AccountKey, str], _Cell] = {}
    meters = [
        (meter, definition)
        for meter in uow.catalog.load_meters().values()
        for definition in definitions_of(meter)
    ]
    for change in sources.known.held_changes(asked.caller.workspace, asked.backfill.number):
        for meter, definition in meters:
            reach = _reach(asked, sources, change, definition)
            for account in () if reach is None else _owners(uow, reach):
                end = asked.now if reach is None or reach.end is None else reach.end
                start = change.first_at
                cell = found.get((account.key, meter.key))
                found[account.key, meter.key] = _Cell(
                    account=account,
                    meter=meter,
                    start=start if cell is None else min(start, cell.start),
                    end=max(end, start) if cell is None else max(end, start, cell.end),
                )
    yield from (found[key] for key in sorted(found))


def _reach(asked: _Asked, sources: CorrectionSources, change: Change, meter: Meter) -> Reach | None:
    next_at = None
    if change.type == meter.event_type and RULES[meter.aggregation].carries:
        next_at = sources.known.next_reading(
            asked.caller.workspace, meter, change, through=asked.position
        )
    return reach_of(change, meter, next_at=next_at)


def _owners(uow: UnitOfWork, reach: Reach) -> list[Account]:
    resource = uow.accounts.load_resource(ResourceKey(reach.subject))
    keys = [AccountKey(reach.subject)]
    if resource is not None:
        keys = [
            part.account
            for part in ownerships_of(resource)
            if (reach.end is None or part.start is None or part.start < reach.end)
            and (part.end is None or part.end > reach.start)
        ]
    found = (uow.accounts.load_account(key) for key in dict.fromkeys(keys))
    return [account for account in found if account is not None]


def _changes(asked: _Asked, cell: _Cell, uow: UnitOfWork) -> Iterator[QuantityChange]:
    account = cell.account
    query = UsageQuery(
        workspace=asked.caller.workspace,
        meter=cell.meter,
        windows=_months(cell),
        spans=spans_of(
            account.key, {account.key: account}, uow.accounts.load_ownerships(account.key)
        ),
        through=asked.position,
        until=asked.now,
        zones=(account.zone,),
    )
    number = asked.backfill.number
    is_open = asked.backfill.state is BackfillState.OPEN
    tried = replace(query, counted=number) if is_open else replace(query, left_out=number)
    rows = zip(asked.usage.usage(query), asked.usage.usage(tried), strict=True)
    for before, after in rows:
        if before.fold.quantity != after.fold.quantity:
            yield QuantityChange(
                account=account.key,
                meter=cell.meter.key,
                unit=cell.meter.quantity_unit,
                start=before.window.start,
                end=before.window.end,
                before=plain(before.fold.quantity),
                after=plain(after.fold.quantity),
            )


def _months(cell: _Cell) -> tuple[Period, ...]:
    zone = cell.account.zone
    anchor = calendar_anchor(cell.start.astimezone(time_zone(zone)).date(), _MONTH)
    months = [period_at(cell.start, anchor=anchor, interval=_MONTH, zone=zone)]
    while months[-1].end < cell.end and len(months) < MONTHS_MAX:
        months.append(period_at(months[-1].end, anchor=anchor, interval=_MONTH, zone=zone))
    return tuple(months)
