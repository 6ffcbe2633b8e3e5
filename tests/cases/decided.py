"""Rows about limits, read into what stands against them and what is asked."""

from dataclasses import replace
from decimal import Decimal

from tallystick.catalog import (
    Entitlement,
    Feature,
    FeatureKind,
    Overage,
    OverageAction,
)
from tallystick.entitlements import Layer, resolve
from tallystick.kernel import AccountKey, MeterKey, Period, instant
from tallystick.quotas import Limit, Reason, Tally, decide, grantable, use
from tallystick.thresholds import (
    Reading,
    Threshold,
    Watch,
    Watched,
    WatchState,
    evaluate,
)
from tests.notation import Row, numbers

AT = instant("2026-03-10T12:00:00Z")
MONTH = Period(start=instant("2026-03-01T00:00:00Z"), end=instant("2026-04-01T00:00:00Z"))
CREDITS = Feature(key="credits", kind=FeatureKind.METERED, meter=MeterKey("credits"))


def limited(most: Decimal, *, overage: Overage | None = None) -> Limit:
    """Return a limit of a month."""
    return Limit(
        holder=AccountKey("a"),
        feature=CREDITS.key,
        kind=FeatureKind.METERED,
        most=most,
        start=MONTH.start,
        end=MONTH.end,
        overage=overage,
    )


def is_allowed(limit: Limit, tally: Tally, quantity: Decimal) -> bool:
    """Return whether so much more may be used."""
    return decide(limit, tally, quantity=quantity, at=AT).allowed


def used_up(limit: Limit, quantity: Decimal) -> Tally:
    """Return a tally after so much was used, which must be allowed."""
    verdict = decide(limit, Tally(), quantity=quantity, at=AT)
    return use(limit, Tally(), verdict, quantity=quantity, at=AT)


def check_two_reservations(row: Row) -> None:
    """Of two that together pass the limit the first gets it."""
    part, most = (Decimal(number) for number in numbers(row["situation"])[-2:])
    limit, tally, answers = limited(most), Tally(), []
    for _ in range(2):
        answers.append(is_allowed(limit, tally, part))
        if answers[-1]:
            tally = replace(tally, held=tally.held + part)
    assert answers == [True, False], row.id
    assert grantable(limit, tally, wanted=part) == most - part


def check_overage_cap(row: Row) -> None:
    """Overage is charged up to a cap: a hard limit of both together."""
    included, cap = (Decimal(number) for number in numbers(row["situation"]))
    through, blocked = (Decimal(number) for number in numbers(row["expected"]))
    policy = Overage(action=OverageAction.CHARGE, hard_limit=included + cap)
    limit = limited(included, overage=policy)
    full = used_up(limit, through)
    assert full.used == through
    found = decide(limit, full, quantity=blocked - through, at=AT)
    assert found.reason is Reason.HARD_LIMIT, row.id


def check_override(row: Row) -> None:
    """A contract that says how its limit blocks stands in the place of its plan's overage."""
    (most,) = (Decimal(number) for number in numbers(row["expected"]))
    charged = Entitlement(
        feature=CREDITS.key, limit=most, overage=Overage(action=OverageAction.CHARGE)
    )
    blocked = replace(charged, overage=Overage(action=OverageAction.BLOCK))
    layers = [
        Layer(name="plan pro@1", grants=(charged,)),
        Layer(name="contract a", grants=(blocked,)),
    ]
    (found,) = resolve({CREDITS.key: CREDITS}, layers)
    assert found.limit is not None
    limit = limited(found.limit, overage=found.overage)
    full = used_up(limit, most)
    assert decide(limit, full, quantity=Decimal(1), at=AT).reason is Reason.LIMIT_REACHED


def check_raised(row: Row) -> None:
    """A higher limit finds the use that was before: the difference is left."""
    before, after, used = (Decimal(number) for number in numbers(row["situation"]))
    tally = used_up(limited(before), used)
    (left,) = (Decimal(number) for number in numbers(row["expected"]))
    assert grantable(limited(after), tally, wanted=after) == left
    assert not is_allowed(limited(after), tally, left + 1)


def check_alert(row: Row) -> None:
    """The threshold is told when it is passed, not again beyond it, and again from below."""
    percent, limit, *values = (Decimal(number) for number in numbers(row["situation"]))
    watch = Watch(
        watched=Watched.USAGE, thresholds=(Threshold(amount=percent, rearm_by=Decimal(0)),)
    )
    state, told = WatchState(), []
    for value in [*values, values[0], values[1]]:
        found = evaluate(watch, state, Reading(value=value, at=AT, limit=limit, period=MONTH))
        state = found.state
        told.append(len(found.crossings))
    assert told == [0, 1, 0, 0, 1], row.id
