"""
What counters will come to at the end of their windows, by the days of the window that are over.

Only counters that could reach a threshold are asked about: those that would come to half of it if
the window went on as it went so far.  The line of their days says more, but costs a question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

from tallystick.accounts import zone_at
from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.metering import UsageInquiry, UsageReader, WindowSize, ask_usage
from tallystick.app.quotas import Counter, KnownLimits, counter_key
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import DEFAULT, RuledReading
from tallystick.catalog import FeatureKind
from tallystick.forecasting import (
    DAYS_MAX,
    DailyUsage,
    Projection,
    Standing,
    draw_line,
    project_level,
    project_total,
)
from tallystick.kernel import (
    EXACT,
    AccountKey,
    Interval,
    IntervalUnit,
    Period,
    Refused,
    boundary,
    parse_decimal,
    time_zone,
)
from tallystick.metering import RULES, Meter
from tallystick.quotas import Limit
from tallystick.thresholds import Basis, Reading, Rule

_DAY = Interval(count=1, of=IntervalUnit.DAY)
_TWICE_HUNDRED = Decimal(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadOf:
    """
    A counter, the meter that counts it, and the rules by which it is told what it will come to.

    Attributes:
        window: of the counter; it has an end.
        zone: of whoever pays.
    """

    counter: Counter
    limit: Limit
    meter: Meter
    rules: tuple[Rule, ...]
    window: Period
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom to ask for the usage of days, in which unit of work."""

    caller: Caller
    uow: UnitOfWork
    usage: UsageReader
    clock: Clock


def ahead_of(
    counters: Sequence[Counter], *, at: datetime, uow: UnitOfWork, known: KnownLimits
) -> Iterator[AheadOf]:
    """Yield those counters that may reach a projected threshold; the unit of work is open."""
    accounts = {counter.key.account for counter in counters}
    standing = known.look_up(accounts, at=at, uow=uow) if accounts else {}
    for counter in counters:
        for each in standing[counter.key.account].limits.values():
            limit, meter = each.limit, each.meter
            if meter is None or counter_key(limit) != counter.key:
                continue
            rules = tuple(_projected(one) for one in limit.rules or (DEFAULT,))
            told = tuple(one for one in rules if one.watch.thresholds)
            if not told or not _may_reach(limit, counter, told, at):
                continue
            account = uow.accounts.load_account(AccountKey(counter.key.account))
            yield AheadOf(
                counter=counter,
                limit=limit,
                meter=meter,
                rules=told,
                window=Period(start=limit.start, end=limit.end or at),
                zone="UTC" if account is None else zone_at(account, at),
            )


def read_ahead(one: AheadOf, *, at: datetime, asked: Asked) -> tuple[RuledReading, ...]:
    """Return what a counter will come to, for each of its rules; none where too little is known."""
    seen = _seen(one, at, asked)
    found = None if seen is None else _projection(one, seen, at)
    if seen is None or found is None:
        return ()
    reading = Reading(
        value=seen.total,
        at=at,
        limit=one.limit.most,
        period=one.window,
        projected=found.at_end,
    )
    account = AccountKey(one.counter.key.account)
    return tuple(
        RuledReading(
            account=account,
            of=one.limit.feature,
            rule=rule,
            reading=reading,
            reached_on=found.reached_on,
        )
        for rule in one.rules
    )


def _projected(rule: Rule) -> Rule:
    """Return a rule with those thresholds that look ahead: the others are told by counters."""
    ahead = tuple(one for one in rule.watch.thresholds if one.basis is Basis.PROJECTED)
    return replace(rule, watch=replace(rule.watch, thresholds=ahead))


def _may_reach(limit: Limit, counter: Counter, rules: Sequence[Rule], at: datetime) -> bool:
    if limit.kind is not FeatureKind.METERED or limit.rolling is not None:
        return False
    if not limit.most or limit.end is None or not limit.start < at < limit.end:
        return False
    least = min(one.amount for rule in rules for one in rule.watch.thresholds)
    passed = Period(start=limit.start, end=at).seconds
    whole = Period(start=limit.start, end=limit.end).seconds
    paced = EXACT.multiply(EXACT.multiply(counter.tally.used, whole), _TWICE_HUNDRED)
    return paced >= EXACT.multiply(EXACT.multiply(limit.most, least), passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What days of a window came to that are over, and the whole of it so far."""

    days: DailyUsage
    total: Decimal


def _seen(one: AheadOf, at: datetime, asked: Asked) -> _Seen | None:
    """Return what was used by day; None where no day is over, or nothing is to be asked."""
    today = at.astimezone(time_zone(one.zone)).date()
    midnight = boundary(today, _DAY, 0, one.zone)
    start = max(one.window.start, boundary(today, _DAY, -DAYS_MAX, one.zone))
    if start >= midnight:
        return None
    answer = ask_usage(
        UsageInquiry(
            meters=(one.meter.key,),
            start=start,
            end=at,
            size=WindowSize.DAY,
            zone=one.zone,
            account=AccountKey(one.counter.key.account),
            present=at,
        ),
        caller=asked.caller,
        uow=asked.uow,
        usage=asked.usage,
        clock=asked.clock,
    )
    if isinstance(answer, Refused):
        return None
    values = tuple(parse_decimal(line.quantity) for line in answer.value.lines)
    over = values if at == midnight else values[:-1]
    total = one.counter.tally.used
    if start == one.window.start and RULES[one.meter.aggregation].adds:
        total = max(total, reduce(EXACT.add, values, Decimal(0)))  # counters may be behind
    first = start.astimezone(time_zone(one.zone)).date()
    return _Seen(days=DailyUsage(first=first, values=over), total=total)


def _projection(one: AheadOf, seen: _Seen, at: datetime) -> Projection | None:
    if one.window.end - at > timedelta(days=DAYS_MAX):
        return None
    standing = Standing(
        value=seen.total,
        limit=one.limit.most,
        at=at,
        end=one.window.end,
        zone=one.zone,
    )
    if not RULES[one.meter.aggregation].adds:
        return project_level(seen.days, standing)
    line = draw_line(seen.days)
    return None if line is None else project_total(line, standing)
