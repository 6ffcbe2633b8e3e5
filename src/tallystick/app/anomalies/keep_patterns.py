"""
Patterns follow usage: hours that are over are judged, and the one that runs is looked at.

    14:05   the hour from 13:00 is judged for every series of a meter, page by page, and it is
            worked out what is too much in the hour from 14:00
    14:20   more than that was used already: told now, not at 15:05

A page is one transaction: what is remembered, what is told and what is restricted stand together or
not at all, and each hour of a series is judged once.  What an hour came to is asked of the
projection when it is judged, with whatever was corrected by then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from tallystick.accounts import zone_at
from tallystick.app.anomalies.ports import KeptPattern
from tallystick.app.anomalies.protecting import protect
from tallystick.app.anomalies.reading import UsedHours, used_hours
from tallystick.app.anomalies.series import (
    HOUR,
    caught_up,
    hours_through,
    is_dormant,
    is_high,
    is_young,
    judged,
    kept,
    last_over,
    learned,
)
from tallystick.app.anomalies.telling import Finding, tell
from tallystick.app.metering import UsageReader
from tallystick.app.quotas import is_consumable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.forecasting import HOURS_KEPT, Anomaly, Pattern
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.metering import Meter

PAGE = 200
"""How many series one transaction judges."""

Going = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternKeeping:
    """
    What patterns are kept with.

    Attributes:
        units: opens a unit of work of a workspace.
        usage: reads the projection.
        is_complete: tells whether the projection holds all that was acknowledged.
        over: through which hour each meter was judged, as far as this process knows.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    usage: UsageReader
    is_complete: Callable[[], bool]
    over: dict[tuple[WorkspaceId, MeterKey], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One look at one meter."""

    workspace: WorkspaceId
    meter: Meter
    at: datetime
    hour: datetime
    keeping: PatternKeeping
    going: Going

    def unit(self) -> UnitOfWork:
        return self.keeping.units(self.workspace)

    def finding(
        self,
        one: KeptPattern,
        anomaly: Anomaly,
        *,
        zone: str,
        running: bool = False,
        late: bool = False,
    ) -> Finding:
        return Finding(
            account=one.account,
            meter=self.meter,
            anomaly=anomaly,
            zone=zone,
            running=running,
            late=late,
        )


def keep_patterns(
    workspace: WorkspaceId, *, at: datetime, keeping: PatternKeeping, going: Going
) -> bool:
    """
    Judge what is over in a workspace, and look at what runs; False: something is left to do.

    Meters whose parts add up by time and by subject have patterns: counts and sums.

    Args:
        workspace: whose usage.
        at: its present.
        keeping: what patterns are kept with.
        going: asked between pages whether to go on.
    """
    if not keeping.is_complete():
        return False
    with keeping.units(workspace) as uow:
        meters = [meter for meter in uow.catalog.load_meters().values() if is_consumable(meter)]
    for meter in meters:
        round_ = _Round(
            workspace=workspace,
            meter=meter,
            at=at,
            hour=last_over(at),
            keeping=keeping,
            going=going,
        )
        if not going():
            return False
        if keeping.over.get((workspace, meter.key)) != round_.hour and not _judge(round_):
            return False
        keeping.over[workspace, meter.key] = round_.hour
        _look(round_)
    return True


def _judge(round_: _Round) -> bool:
    """Judge the hour for every series; False: told to stop before the end."""
    with round_.unit() as uow:
        used = _used(round_, (round_.hour,), uow)
    while round_.going():
        with round_.unit() as uow:
            due = uow.patterns.due(round_.meter.key, hour=round_.hour, limit=PAGE)
            if due:
                _judge_page(due, used, round_, uow)
                uow.commit()
        if not due:
            return _learn_new(list(used), round_)
    return False


def _judge_page(
    due: Sequence[KeptPattern], used: UsedHours, round_: _Round, uow: UnitOfWork
) -> None:
    week = _week(due, round_, uow)
    after, gone = [], []
    for one in due:
        zone = _zone(one.account, round_, uow)
        if one.account in week:
            pattern, found = _made_up(one, week[one.account], round_, zone=zone)
        else:
            quantity = used.get(one.account, {}).get(round_.hour, Decimal(0))
            pattern, found = judged(one.pattern, [(round_.hour, quantity)], zone=zone)
        for anomaly in found:
            late = anomaly.at < round_.hour
            _tell(round_.finding(one, anomaly, zone=zone, late=late), round_, uow)
        if is_dormant(pattern) or not pattern.hours:
            gone.append(one.account)
        else:
            after.append(kept(one.account, one.meter, pattern, round_.hour, zone=zone))
    uow.patterns.save(after)
    uow.patterns.drop(round_.meter.key, gone)


def _made_up(
    one: KeptPattern, week: Mapping[datetime, Decimal], round_: _Round, *, zone: str
) -> tuple[Pattern, tuple[Anomaly, ...]]:
    """Return what a series that is young, or was not watched, makes of its week."""
    if is_young(one.pattern):
        return learned(week, round_.hour, zone=zone), ()
    missed = {start: used for start, used in week.items() if start >= one.next_hour}
    pattern, oddest = caught_up(one.pattern, missed, zone=zone)
    return pattern, () if oddest is None else (oddest,)


def _week(due: Sequence[KeptPattern], round_: _Round, uow: UnitOfWork) -> UsedHours:
    """Return the last week of those series for which the hour alone is not enough."""
    wanted = [one.account for one in due if is_young(one.pattern) or one.next_hour < round_.hour]
    if not wanted:
        return {}
    hours = hours_through(round_.hour - HOURS_KEPT * HOUR, round_.hour)
    found = _used(round_, hours, uow, wanted)
    return {account: found.get(account, {}) for account in wanted}


def _learn_new(accounts: Sequence[AccountKey], round_: _Round) -> bool:
    """Begin the series of accounts that have none; False: told to stop before the end."""
    for first in range(0, len(accounts), PAGE):
        if not round_.going():
            return False
        with round_.unit() as uow:
            asked = accounts[first : first + PAGE]
            known = uow.patterns.known(round_.meter.key, asked)
            new = [
                KeptPattern(
                    account=account,
                    meter=round_.meter.key,
                    pattern=Pattern(),
                    next_hour=round_.hour,
                )
                for account in asked
                if account not in known
            ]
            if new:
                _judge_page(new, {}, round_, uow)
                uow.commit()
    return True


def _look(round_: _Round) -> None:
    """Tell of what is too much already in the hour that runs."""
    hour, key = round_.hour + HOUR, round_.meter.key
    with round_.unit() as uow:
        if not uow.patterns.is_watched(key, hour=hour):
            return
        used = _used(round_, (hour,), uow)
        beyond = uow.patterns.beyond(
            key, {account: hours[hour] for account, hours in used.items()}, hour=hour
        )
        for one in beyond:
            zone = _zone(one.account, round_, uow)
            _, found = judged(one.pattern, [(hour, used[one.account][hour])], zone=zone)
            for anomaly in filter(is_high, found):
                finding = round_.finding(one, anomaly, zone=zone, running=True)
                _tell(finding, round_, uow)
        if beyond:
            uow.patterns.save([replace(one, most=None) for one in beyond])
            uow.commit()


def _tell(finding: Finding, round_: _Round, uow: UnitOfWork) -> None:
    restriction = protect(finding, at=round_.at, uow=uow)
    tell(finding, restriction=restriction, at=round_.at, uow=uow)


def _used(
    round_: _Round,
    hours: Sequence[datetime],
    uow: UnitOfWork,
    accounts: Sequence[AccountKey] | None = None,
) -> UsedHours:
    usage = round_.keeping.usage
    return used_hours(round_.meter, hours, uow=uow, usage=usage, accounts=accounts)


def _zone(key: AccountKey, round_: _Round, uow: UnitOfWork) -> str:
    account = uow.accounts.load_account(key)
    return "UTC" if account is None else zone_at(account, round_.at)
