"""The rule of decisions, held against a model that remembers every single use."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import (
    FeatureKind,
    Grace,
    Overage,
    OverageAction,
    RateUnit,
    Throttle,
)
from tallystick.kernel import AccountKey, instant
from tallystick.quotas import Limit, Reason, Tally, decide, grantable, use

NOON = instant("2026-01-01T12:00:00Z")
ACME = AccountKey("acme")
MINUTE = timedelta(minutes=1)
quantities = st.integers(0, 7).map(Decimal)
waits = st.integers(0, 40_000) | st.integers(58_900, 60_100)  # also just about a minute
steps = st.lists(st.tuples(waits, quantities), max_size=60)


def limit(most: str | None = "10", **terms: object) -> Limit:
    """Return a limit of calls in a month."""
    known = {"kind": FeatureKind.METERED, "end": instant("2026-02-01T00:00:00Z"), **terms}
    return Limit(
        holder=ACME,
        feature="calls",
        most=None if most is None else Decimal(most),
        **known,  # type: ignore[arg-type] # what a case varies
    )


def overage(action: OverageAction, **terms: object) -> Overage:
    """Return a policy."""
    return Overage(action=action, **terms)  # type: ignore[arg-type] # what a case varies


def walk(one: Limit, taken: list[tuple[int, Decimal]]) -> list[tuple[datetime, Decimal]]:
    """Ask for one quantity after the other, milliseconds apart; return what was let through."""
    tally, at, passed = Tally(), NOON, []
    for milliseconds, quantity in taken:
        at += timedelta(milliseconds=milliseconds)
        if one.rolling is not None and one.kind is FeatureKind.METERED:
            tally = Tally(recent=tally.recent, used=tally.recent.used(at, one.rolling))
        verdict = decide(one, tally, quantity=quantity, at=at)
        if verdict.allowed:
            tally = use(one, tally, verdict, quantity=quantity, at=at)
            passed.append((at, quantity))
    return passed


@given(steps)
def test_a_limit_is_never_passed(taken: list[tuple[int, Decimal]]) -> None:
    """What is let through comes to the limit at most, and to it if it was asked for in ones."""
    assert sum(quantity for _, quantity in walk(limit(), taken)) <= 10
    ones = [(1, Decimal(1))] * 12
    assert sum(quantity for _, quantity in walk(limit(), ones)) == 10


@pytest.mark.parametrize(
    "one",
    [
        limit("9", kind=FeatureKind.RATE, per=RateUnit.MINUTE, rolling=MINUTE),
        limit("9", rolling=MINUTE, end=None),
    ],
    ids=["rate", "rolling"],
)
@given(taken=steps)
def test_no_minute_holds_more_than_its_limit(one: Limit, taken: list[tuple[int, Decimal]]) -> None:
    """In any sixty seconds no more than nine pass, and what fits after a minute's rest does."""
    passed = walk(one, taken)
    for since, _ in passed:
        within = [quantity for at, quantity in passed if since <= at < since + MINUTE]
        assert sum(within) <= 9
    rested = [*taken, (61_000, Decimal(7))]
    assert walk(one, rested)[-1][1] == 7


@given(steps)
def test_a_bucket_lets_no_more_than_burst_and_rate_pass(taken: list[tuple[int, Decimal]]) -> None:
    """Over any time no more than 5 and 20 a minute pass."""
    one = limit("20", kind=FeatureKind.RATE, per=RateUnit.MINUTE, burst=Decimal(5))
    passed = walk(one, taken)
    for since, _ in passed:
        total = Decimal(0)
        for at, quantity in passed:
            if at >= since:
                total += quantity
                seconds = Decimal((at - since) // timedelta(microseconds=1)) / 1_000_000
                assert total <= 5 + 20 * seconds / 60


@given(steps)
def test_a_hard_limit_is_never_passed(taken: list[tuple[int, Decimal]]) -> None:
    """Whatever is charged beyond ten, thirteen is the end."""
    policy = overage(OverageAction.CHARGE, hard_limit=Decimal(13))
    assert sum(quantity for _, quantity in walk(limit(overage=policy), taken)) <= 13


@given(steps)
def test_a_throttle_passes_its_rate_beyond_the_limit(taken: list[tuple[int, Decimal]]) -> None:
    """Beyond ten, in any minute no more than four pass."""
    policy = overage(
        OverageAction.THROTTLE, throttle=Throttle(limit=Decimal(4), per=RateUnit.MINUTE)
    )
    total, beyond = Decimal(0), []
    for at, quantity in walk(limit(overage=policy), taken):
        over = max(Decimal(0), min(quantity, total + quantity - 10))
        total += quantity
        if over:
            beyond.append((at, over))
    for since, _ in beyond:
        assert sum(over for at, over in beyond if since <= at < since + MINUTE) <= 4


def test_grace_ends() -> None:
    """Seven days beyond a limit pass, then nothing; a tenth beyond it passes, no more."""
    days = limit(overage=overage(OverageAction.BLOCK, grace=Grace(days=7)))
    over = Tally(used=Decimal(11), over_since=NOON)
    almost, later = NOON + timedelta(days=7, microseconds=-1), NOON + timedelta(days=7)
    reasons = [
        decide(days, over, quantity=Decimal(1), at=at).reason for at in (NOON, almost, later)
    ]
    assert reasons == [Reason.GRACE, Reason.GRACE, Reason.LIMIT_REACHED]
    tenth = limit(overage=overage(OverageAction.BLOCK, grace=Grace(percent=Decimal(10))))
    full = Tally(used=Decimal(10))
    found = [decide(tenth, full, quantity=Decimal(n), at=NOON).reason for n in (1, 2)]
    assert found == [Reason.GRACE, Reason.LIMIT_REACHED]


def test_a_blocked_operation_blocks_itself_alone() -> None:
    """Uploads are refused beyond the limit, and what does not say what it is; reads are not."""
    one = limit(overage=overage(OverageAction.BLOCK, operation="uploads"))
    full = Tally(used=Decimal(10))
    found = [
        decide(one, full, quantity=Decimal(1), at=NOON, operation=name).reason
        for name in ("uploads", "", "reads")
    ]
    assert found == [Reason.LIMIT_REACHED, Reason.LIMIT_REACHED, Reason.OVERAGE]


@given(st.lists(quantities, max_size=10), quantities)
def test_leases_share_what_is_left(wanted: list[Decimal], used: Decimal) -> None:
    """Leases, one after the other, hold together what is left at most."""
    one, held = limit(), Decimal(0)
    for each in wanted:
        held += grantable(one, Tally(used=used, held=held), wanted=each)
    assert used + held <= max(Decimal(10), used)
    assert held == min(sum(wanted), 10 - used)
