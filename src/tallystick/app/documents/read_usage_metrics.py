"""Gathers what usage metrics follow from: entitlements, usage by day, and the running draft."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tallystick.accounts import zone_at
from tallystick.app.command import Caller
from tallystick.app.entitlements import read_account_entitlements
from tallystick.app.invoicing import BillingSources, Preview, PreviewInvoice, preview_invoice
from tallystick.app.metering import UsageInquiry, UsageReader, WindowSize, ask_usage
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Feature, Subscription
from tallystick.entitlements import AccountEntitled, AccountFacts, billing_window
from tallystick.forecasting import DAYS_MAX, DailyUsage
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Money,
    Outcome,
    Period,
    Refused,
    boundary,
    parse_decimal,
    plain,
    refuse,
    time_zone,
)
from tallystick.metering import RULES
from tallystick.reports import BillingSummary, Consumed, MetricsFacts, UsageMetrics, usage_metrics
from tallystick.subscriptions import plan_at

_DAY = Interval(count=1, of=IntervalUnit.DAY)
_NO_WORD = re.compile(r"[^a-z0-9]+")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSources:
    """Whom to ask; ``billing`` knows the clock."""

    uow: UnitOfWork
    usage: UsageReader
    billing: BillingSources


def read_usage_metrics(
    account: AccountKey, *, caller: Caller, sources: MetricsSources
) -> Outcome[UsageMetrics]:
    """
    Return what an account used of its limits in the billing period that runs now.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such account for this caller, or it has no contract that runs.
        Those of asking for usage, and of the preview of its documents.
    """
    at = sources.billing.clock.now()
    known = read_account_entitlements(account, at=at, caller=caller, uow=sources.uow)
    if isinstance(known, Refused):
        return known
    facts, entitled = known.value
    running = _running(facts, at)
    if running is None:
        return refuse("not_found", f"no contract of account {account!r} runs now", "account")
    contract, period = running
    zone = zone_at(facts.line[-1].account, at)
    look = _Look(account=account, at=at, period=period, zone=zone, caller=caller, sources=sources)
    consumed = _consumed(entitled, look)
    if isinstance(consumed, Refused):
        return consumed
    previewed = preview_invoice(
        PreviewInvoice(account=account), caller=caller, uow=sources.uow, sources=sources.billing
    )
    if isinstance(previewed, Refused):
        return previewed
    restricted = any(one.holds(at) for each in facts.line for one in each.restrictions)
    return Done(
        usage_metrics(
            MetricsFacts(
                account=account,
                plan=str(plan_at(contract, at)[0]),
                status="restricted" if restricted else "active",
                period=period,
                at=at,
                zone=zone,
                consumed=consumed.value,
                billing=_summary(previewed.value),
            )
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Of whose time which usage is asked for, and whom."""

    account: AccountKey
    at: datetime
    period: Period
    zone: str
    caller: Caller
    sources: MetricsSources


def _running(facts: AccountFacts, at: datetime) -> tuple[Subscription, Period] | None:
    """Return the first contract that runs, of the nearest account that has one, and its period."""
    payer = facts.line[-1].account
    for standing in facts.line:
        for contract in standing.contracts:
            period = billing_window(contract, facts.plans, payer, at)
            if period is not None:
                return contract, period
    return None


def _consumed(entitled: Iterable[AccountEntitled], look: _Look) -> Outcome[tuple[Consumed, ...]]:
    found = []
    for one in entitled:
        meter = one.entitled.feature.meter
        window = (one.window_start, one.window_end)
        if meter is None or not one.entitled.enabled:
            continue
        if window != (look.period.start, look.period.end):
            continue
        if look.caller.account not in (None, one.holder):
            continue  # a pool of the account above: what others used of it is not theirs to see
        consumed = _consumed_of(one, meter, look)
        if isinstance(consumed, Refused):
            return consumed
        found.append(consumed.value)
    return Done(tuple(found))


def _consumed_of(one: AccountEntitled, meter: MeterKey, look: _Look) -> Outcome[Consumed]:
    feature = one.entitled.feature
    with look.sources.uow as uow:
        declared = uow.catalog.load_meter(meter)
    if declared is None:
        return refuse("not_found", f"no meter {meter!r}")
    total = _quantities(meter, look, look.period, size=WindowSize.TOTAL, of=one.holder)
    if isinstance(total, Refused):
        return total
    over = _days_over(look)
    days: tuple[Decimal, ...] = ()
    if over is not None:
        daily = _quantities(meter, look, over, size=WindowSize.DAY, of=one.holder)
        if isinstance(daily, Refused):
            return daily
        days = daily.value
    limit = one.entitled.limit
    return Done(
        Consumed(
            resource=_resource(feature),
            label=feature.name or _resource(feature),
            total=sum(total.value, _NOTHING),
            limit=None if limit is None else parse_decimal(plain(limit)),
            days=DailyUsage(
                first=(over or look.period).start.astimezone(time_zone(look.zone)).date(),
                values=days,
            ),
            adds=RULES[declared.aggregation].adds,
        )
    )


def _quantities(
    meter: MeterKey, look: _Look, time: Period, *, size: WindowSize, of: AccountKey
) -> Outcome[tuple[Decimal, ...]]:
    """Return what windows of a time came to; of the account whose counter counts."""
    caller = look.caller if of == look.account else replace(look.caller, account=None)
    answer = ask_usage(
        UsageInquiry(
            meters=(meter,),
            start=time.start,
            end=time.end,
            size=size,
            zone=look.zone,
            account=of,
            present=look.at,
        ),
        caller=caller,
        uow=look.sources.uow,
        usage=look.sources.usage,
        clock=look.sources.billing.clock,
    )
    if isinstance(answer, Refused):
        return answer
    return Done(tuple(parse_decimal(line.quantity) for line in answer.value.lines))


def _days_over(look: _Look) -> Period | None:
    """Return the days of the period that are over, the last 400 of them; None: there are none."""
    today = look.at.astimezone(time_zone(look.zone)).date()
    end = boundary(today, _DAY, 0, look.zone)
    start = max(look.period.start, boundary(today, _DAY, -DAYS_MAX, look.zone))
    return Period(start=start, end=end) if end > start else None


def _resource(feature: Feature) -> str:
    """Return how quota policies and metrics call a feature."""
    return feature.policy_name or _NO_WORD.sub("_", feature.key.lower()).strip("_")


def _summary(previews: tuple[Preview, ...]) -> BillingSummary | None:
    """Return what drafts come to before tax; None where there is none, or of several currencies."""
    currencies = {one.invoice.currency for one in previews}
    if len(currencies) != 1:
        return None
    (currency,) = currencies
    base = overage = Money(minor=0, currency=currency)
    for line in (line for one in previews for line in one.invoice.lines):
        if line.measurement is None:
            base += line.money
        else:
            overage += line.money
    return BillingSummary(
        base_charge=base.decimal,
        overage_charges=overage.decimal,
        total=(base + overage).decimal,
        currency=currency.code,
    )
