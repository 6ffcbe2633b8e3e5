"""Gathers what a usage report follows from: quantities of meters by day and by dimension."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tallystick.accounts import zone_at
from tallystick.app.command import Caller
from tallystick.app.documents.read_usage_metrics import MetricsSources
from tallystick.app.entitlements import read_account_entitlements
from tallystick.app.metering import (
    InquiryAnswer,
    InquiryLine,
    Top,
    UsageInquiry,
    WindowSize,
    ask_usage,
)
from tallystick.entitlements import AccountEntitled
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Outcome,
    Period,
    Refused,
    boundary,
    parse_decimal,
    refuse,
    time_zone,
)
from tallystick.metering import RULES, Meter
from tallystick.reports import DayOfUse, MeterFacts, UsageReport, meter_report

DAYS_MAX = 366
METERS_MAX = 20
GROUPS_MAX = 20
_DAY = Interval(count=1, of=IntervalUnit.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReport:
    """
    Of whose usage a report is asked for.

    Attributes:
        first, last: local days, both inclusive; None: the first of this month, and today.
        meters: which; empty: those that count features of the account.
    """

    account: AccountKey
    first: date | None = None
    last: date | None = None
    meters: tuple[MeterKey, ...] = ()


def read_usage_report(
    asked: AskedReport, *, caller: Caller, sources: MetricsSources
) -> Outcome[UsageReport]:
    """
    Return what an account used itself, all of it up to one position of the log.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such account for this caller, or no such meter.
        wrong_value: the last day lies before the first, or too many days or meters.
        Those of asking for usage.
    """
    at = sources.billing.clock.now()
    known = read_account_entitlements(asked.account, at=at, caller=caller, uow=sources.uow)
    if isinstance(known, Refused):
        return known
    facts, entitled = known.value
    zone = zone_at(facts.line[0].account, at)
    today = at.astimezone(time_zone(zone)).date()
    first, last = asked.first or today.replace(day=1), min(asked.last or today, today)
    if not 0 <= (last - first).days < DAYS_MAX:
        message = f"ask for 1 to {DAYS_MAX} days up to today, {today}, not {first} to {last}"
        return refuse("wrong_value", message, "start")
    counts = _features_by_meter(entitled)
    keys = asked.meters or tuple(sorted(counts))
    if len(keys) > METERS_MAX:
        message = f"these are {len(keys)} meters; name {METERS_MAX} at most"
        return refuse("wrong_value", message, "meter")
    look = _Look(
        account=asked.account,
        at=at,
        zone=zone,
        time=Period(start=boundary(first, _DAY, 0, zone), end=boundary(last, _DAY, 1, zone)),
        over=(min(last + timedelta(days=1), today) - first).days,
        position=sources.usage.covered_position(),
        caller=caller,
        sources=sources,
    )
    found = []
    for key in keys:
        told = _meter_facts(key, tuple(counts.get(key, ())), look)
        if isinstance(told, Refused):
            return told
        found.append(meter_report(told.value))
    return Done(
        UsageReport(
            tenant_id=asked.account,
            period=f"{first} to {last}",
            zone=zone,
            position=look.position,
            meters=tuple(found),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Of whose time which usage is asked for, and whom; ``over`` days of it are over."""

    account: AccountKey
    at: datetime
    zone: str
    time: Period
    over: int
    position: int
    caller: Caller
    sources: MetricsSources


def _features_by_meter(entitled: Sequence[AccountEntitled]) -> dict[MeterKey, list[str]]:
    found: dict[MeterKey, list[str]] = {}
    for one in entitled:
        feature = one.entitled.feature
        if feature.meter is not None and one.entitled.enabled:
            found.setdefault(feature.meter, []).append(feature.key)
    return found


def _meter_facts(key: MeterKey, features: tuple[str, ...], look: _Look) -> Outcome[MeterFacts]:
    with look.sources.uow as uow:
        meter = uow.catalog.load_meter(key)
    if meter is None:
        return refuse("not_found", f"no meter {key!r}", "meter")
    total = _ask(meter, look, size=WindowSize.TOTAL)
    if isinstance(total, Refused):
        return total
    daily = _ask(meter, look, size=WindowSize.DAY)
    if isinstance(daily, Refused):
        return daily
    groups = {}
    for dimension in meter.dimensions:
        parts = _ask(meter, look, size=WindowSize.TOTAL, by=dimension.name)
        if isinstance(parts, Refused):
            return parts
        groups[dimension.name] = tuple(_groups(parts.value, dimension.name))
    (whole,) = total.value.lines
    return Done(
        MeterFacts(
            meter=key,
            unit=whole.unit,
            features=features,
            adds=RULES[meter.aggregation].adds,
            total=parse_decimal(whole.quantity),
            days=tuple(_day(line, look.zone) for line in daily.value.lines),
            over=look.over,
            groups=groups,
        )
    )


def _ask(meter: Meter, look: _Look, *, size: WindowSize, by: str = "") -> Outcome[InquiryAnswer]:
    top = Top(count=GROUPS_MAX, others=RULES[meter.aggregation].adds) if by else None
    return ask_usage(
        UsageInquiry(
            meters=(meter.key,),
            start=look.time.start,
            end=look.time.end,
            size=size,
            zone=look.zone,
            account=look.account,
            group_by=(by,) if by else (),
            top=top,
            as_of=look.position,
            present=look.at,
        ),
        caller=look.caller,
        uow=look.sources.uow,
        usage=look.sources.usage,
        clock=look.sources.billing.clock,
    )


def _groups(answer: InquiryAnswer, by: str) -> Iterator[tuple[str | None, Decimal]]:
    for line in answer.lines:
        yield None if line.others else line.group[by], parse_decimal(line.quantity)


def _day(line: InquiryLine, zone: str) -> DayOfUse:
    day = line.start.astimezone(time_zone(zone)).date()
    return DayOfUse(day=day, quantity=parse_decimal(line.quantity))
