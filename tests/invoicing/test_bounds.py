"""Minimum and maximum over several prices in a contract: settled, corrected, proven."""

from dataclasses import replace
from decimal import Decimal

from tallystick.catalog import Coupon, CouponDuration, PlanVersion
from tallystick.kernel import PriceKey, SubjectSpan
from tallystick.pricing import Price, SpendPrice
from tests.invoicing.contract import Contract, day, fee, plan, subscribed, to_plan
from tests.invoicing.test_coupons import CALLS, ONE_EACH, calls, given, lines, sums

TWO_EACH = replace(ONE_EACH, key=PriceKey("double"), discounts=())


def spend(
    *of: str,
    minimum: str | None = None,
    maximum: str | None = None,
    periods: int = 1,
    key: str = "platform",
) -> Price:
    """Return a bound over prices."""
    return Price(
        key=PriceKey(key),
        model=SpendPrice(of=of, periods=periods),
        currency="USD",
        minimum=None if minimum is None else Decimal(minimum),
        maximum=None if maximum is None else Decimal(maximum),
    )


def sold(*prices: Price) -> PlanVersion:
    """Return a plan of a fee of 30.00 in advance, calls at 1.00, and bounds."""
    return plan("pro", fee("30"), ONE_EACH, *prices)


def contract_of(*prices: Price, start: str = "2026-01-01") -> Contract:
    """Return a contract with such a plan."""
    contract = subscribed(sold(*prices), day(start), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans)
    return contract


def test_what_is_missing_to_a_minimum_is_a_line_at_the_periods_end() -> None:
    """Calls of 40.00 of a minimum of 100.00: 60.00 besides; from 100.00 on nothing."""
    contract = contract_of(spend("calls", minimum="100"))
    calls(contract, 40, day("2026-01-10"))
    calls(contract, 130, day("2026-02-10"))
    opening, january, february = contract.bill(day("2026-03-01"))
    assert lines([opening]) == {"base": "30.00"}
    assert lines([january]) == {"base": "30.00", "calls": "40.00", "platform": "60.00"}
    assert lines([february]) == {"base": "30.00", "calls": "130.00", "platform": "0.00"}


def test_a_change_dated_back_before_a_bound_that_was_settled_verifies() -> None:
    """A document holds what the change adds to the opening fee, and to the line of the bound."""
    contract = contract_of(spend(minimum="100"), start="2026-01-02")
    calls(contract, 40, day("2026-01-10"))
    contract.bill(day("2026-02-01"))
    dearer = plan("dearer", fee("93"), ONE_EACH, spend(minimum="300"))
    contract.agree(to_plan(day("2026-01-15"), dearer), plans=[dearer])
    (made, *_) = contract.bill(day("2026-03-01"))
    keys = {(line.key.price, f"{line.key.period.start:%m-%d}") for line in made.lines}
    assert {("base", "01-15"), ("platform", "01-15")} <= keys


def test_a_fee_in_advance_counts_for_the_period_it_is_for() -> None:
    """Of all prices: the fee of 30.00, charged a month before, and calls of 40.00, of 100.00."""
    contract = contract_of(spend(minimum="100"))
    calls(contract, 40, day("2026-01-10"))
    contract.bill(day("2026-02-01"))
    assert lines(contract.documents[1:]) == {"base": "30.00", "calls": "40.00", "platform": "30.00"}


def test_a_part_of_a_period_owes_its_share() -> None:
    """From January 17, 15 of 31 days: 48.39 of 100.00, of which calls of 40.00 are used."""
    contract = contract_of(spend("calls", minimum="100"), start="2026-01-17")
    calls(contract, 40, day("2026-01-20"))
    assert lines(contract.bill(day("2026-02-01"))[1:])["platform"] == "8.39"


def test_late_usage_covers_what_was_missing() -> None:
    """25 late calls: they are charged, and the line of the minimum is given back as much."""
    contract = contract_of(spend("calls", minimum="100"))
    calls(contract, 40, day("2026-01-10"))
    contract.bill(day("2026-02-01"))
    calls(contract, 25, day("2026-01-20"))
    calls(contract, 200, day("2026-02-20"))
    february, note = contract.bill(day("2026-03-01"))
    assert [f"{line.key.price} {line.money.decimal}" for line in february.lines] == [
        "base 30.00", "calls 200.00", "platform 0.00", "calls 25.00",
    ]  # fmt: skip
    assert lines([note]) == {"platform": "-25.00"}


def test_a_maximum_lowers_the_lines() -> None:
    """Calls of 120.00 and a maximum of 100.00; usage that comes late changes nothing any more."""
    contract = contract_of(spend("calls", maximum="100"))
    calls(contract, 120, day("2026-01-10"))
    assert lines(contract.bill(day("2026-02-01"))[1:])["calls"] == "100.00"
    calls(contract, 50, day("2026-01-20"))
    assert sums(contract.bill(day("2026-03-01"))) == ["30.00"]


def test_a_maximum_counts_what_was_charged_before_and_leaves_it() -> None:
    """Of everything at most 100.00: 30.00 were charged in advance, so calls come to 70.00."""
    contract = contract_of(spend(maximum="100"))
    calls(contract, 120, day("2026-01-10"))
    assert lines(contract.bill(day("2026-02-01"))[1:]) == {
        "base": "30.00", "calls": "70.00", "platform": "0.00",
    }  # fmt: skip


def test_coupons_come_before_bounds() -> None:
    """Calls of 120.00 less 50 % are 60.00: 40.00 are missing to 100.00, and bear no coupon."""
    contract = contract_of(spend("calls", minimum="100"))
    half = Coupon(key="half", percent=Decimal(50), duration=CouponDuration.FOREVER)
    contract.basis = replace(contract.basis, coupons=(given(half),))
    calls(contract, 120, day("2026-01-10"))
    assert lines(contract.bill(day("2026-02-01"))[1:]) == {
        "base": "15.00", "calls": "60.00", "platform": "40.00",
    }  # fmt: skip


def test_a_term_of_periods_is_settled_in_its_last_one() -> None:
    """600.00 in a quarter of months: 110.00 of calls and fees so far leave 490.00 in March."""
    contract = contract_of(spend("calls", minimum="600", periods=3))
    for month, number in (("01", 10), ("02", 20), ("03", 80), ("04", 5)):
        calls(contract, number, day(f"2026-{month}-10"))
    contract.bill(day("2026-05-01"))
    found = {
        f"{line.key.period.start:%m}": f"{line.money.decimal}"
        for one in contract.documents
        for line in one.lines
        if line.key.price == "platform"
    }
    assert found == {"03": "490.00"}


def test_a_term_that_ends_early_owes_its_share() -> None:
    """Ended after two of three months: 400.00 of 600.00, less what was used."""
    contract = contract_of(spend("calls", minimum="600", periods=3))
    calls(contract, 50, day("2026-01-10"))
    contract.bill(day("2026-02-01"))
    contract.end(day("2026-03-01"))
    assert lines(contract.bill(day("2026-03-01"))) == {"calls": "0.00", "platform": "350.00"}


def test_a_change_of_plan_keeps_each_minimum_to_its_part() -> None:
    """100.00 until March 11 and 200.00 from there: 10/31 and 21/31, together less all calls."""
    contract = contract_of(spend("calls", minimum="100"))
    contract.bill(day("2026-03-01"))
    team = plan("team", fee("30"), ONE_EACH, spend("calls", minimum="200"))
    contract.agree(to_plan(day("2026-03-11"), team), plans=[team])
    calls(contract, 40, day("2026-03-20"))
    assert contract.bill(day("2026-03-12")) == []
    march = contract.bill(day("2026-04-01"))[0]
    found = [f"{one.money.decimal}" for one in march.lines if one.key.price == "platform"]
    # 32.258... and 135.483...: 40.00 cover the first, and 7.741... of the second
    assert found == ["0.00", "127.74"]
    assert contract.bill(day("2026-04-01")) == []


def test_a_maximum_that_takes_all_leaves_no_part_of_a_cent() -> None:
    """Of 0.015, settled to 0.02, a maximum of nothing leaves nothing, and not a cent below it."""
    contract = contract_of(spend("setup", maximum="0"))
    sold_too = sold(fee("0.015", key="setup", arrears=True), spend("setup", maximum="0"))
    contract.basis = replace(contract.basis, plan=sold_too)
    january = contract.bill(day("2026-02-01"))[-1]
    assert lines([january])["setup"] == "0.00"
