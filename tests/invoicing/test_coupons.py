"""Coupons in a contract: what they take off, what stays for later, what late usage moves."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.catalog import AddOn, ContractChange, Coupon, CouponDuration, GivenCoupon
from tallystick.invoicing import Claim, Invoice, basis_document, document_of, verify_document
from tallystick.kernel import MeterKey, PlanKey, PriceKey, Refused, SubjectSpan, digest
from tallystick.metering import Aggregation, Event, Meter
from tallystick.pricing import Price, UnitPrice
from tests.invoicing.contract import Contract, day, fee, plan, subscribed, to_plan
from tests.invoicing.world import event

CALLS = Meter(
    key=MeterKey("calls"),
    event_type="call",
    aggregation=Aggregation.SUM,
    value="number",
    unit="call",
)
ONE_EACH = Price(
    key=PriceKey("calls"),
    model=UnitPrice(unit_price=Decimal("1.00")),
    meter=CALLS.key,
    unit="call",
    currency="USD",
)
PRO = plan("pro", fee("30"), ONE_EACH)
FOREVER = Coupon(key="spring", percent=Decimal(10), duration=CouponDuration.FOREVER)
ONCE = Coupon(key="welcome", amount=Decimal(50), currency="USD", duration=CouponDuration.ONCE)


def given(coupon: Coupon, at: str = "2026-01-01", *, until: str = "") -> GivenCoupon:
    """Return that a coupon was given."""
    return GivenCoupon(
        grant=f"{coupon.key}-{at}", coupon=coupon, at=day(at), until=day(until) if until else None
    )


def with_coupons(*coupons: GivenCoupon) -> Contract:
    """Return a contract from January 1 with a fee of 30.00 and calls at 1.00."""
    contract = subscribed(PRO, day("2026-01-01"), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans, coupons=coupons)
    return contract


def calls(contract: Contract, number: int, at: datetime) -> None:
    """Let the contract's account make calls; they come in as the latest event."""
    position = 10 * (1 + len(contract.events))
    made: Event = event(
        position,
        f"{at:%Y-%m-%dT%H:%M:%SZ}",
        data=f'{{"number":{number}}}',
        type="call",
        subject="a",
    )
    contract.events.append(msgspec.structs.replace(made, workspace=contract.basis.workspace))


def sums(documents: list[Invoice]) -> list[str]:
    """Return what each document comes to."""
    return [f"{one.total.decimal:f}" for one in documents]


def lines(documents: list[Invoice]) -> dict[str, str]:
    """Return the money of each line by its price."""
    return {line.key.price: f"{line.money.decimal:f}" for one in documents for line in one.lines}


def test_a_percentage_is_taken_of_the_document_and_handed_out_over_its_lines() -> None:
    """10 % of usage and fee settles once; every line is net of its share and says so in a step."""
    contract = with_coupons(given(FOREVER))
    calls(contract, 7, day("2026-01-10"))
    opening, january = contract.bill(day("2026-02-01"))
    assert sums([opening, january]) == ["27.00", "33.30"]
    assert lines([january]) == {"base": "27.00", "calls": "6.30"}
    charge = january.lines[1].charge
    assert charge is not None
    (step,) = [one for one in charge.steps if one.origin]
    assert (step.label, step.amount, step.origin) == (
        "spring of 10 %", Decimal("-0.70"), "coupon:spring-2026-01-01",
    )  # fmt: skip


def test_an_amount_that_is_used_once_keeps_its_rest_for_the_next_document() -> None:
    """50.00 off 30.00 and then 37.00: nothing is due first, and 17.00 after it."""
    contract = with_coupons(given(ONCE))
    calls(contract, 7, day("2026-01-10"))
    calls(contract, 2, day("2026-02-10"))
    assert sums(contract.bill(day("2026-03-01"))) == ["0.00", "17.00", "32.00"]


def test_an_amount_that_repeats_is_lost_where_a_document_is_smaller() -> None:
    """40.00 for two documents: 30.00 is due to be paid once the two are over."""
    coupon = Coupon(
        key="partner",
        amount=Decimal(40),
        currency="USD",
        duration=CouponDuration.REPEATING,
        periods=2,
    )
    assert sums(with_coupons(given(coupon)).bill(day("2026-03-01"))) == ["0.00", "0.00", "30.00"]


def test_a_percentage_given_once_counts_on_one_document() -> None:
    """Half of the first document, nothing of the second."""
    coupon = replace(FOREVER, percent=Decimal(50), duration=CouponDuration.ONCE)
    assert sums(with_coupons(given(coupon)).bill(day("2026-02-01"))) == ["15.00", "30.00"]


def test_a_coupon_counts_only_between_its_dates_and_in_its_currency() -> None:
    """Given on January 15 until February 15: only the document of February 1; never in euros."""
    dated = given(FOREVER, "2026-01-15", until="2026-02-15")
    euros = given(replace(ONCE, currency="EUR"))
    contract = with_coupons(euros, dated)
    assert sums(contract.bill(day("2026-03-01"))) == ["30.00", "27.00", "30.00"]
    expiring = given(replace(FOREVER, expires_at=day("2026-02-01")))
    assert sums(with_coupons(expiring).bill(day("2026-02-01"))) == ["27.00", "30.00"]


def test_narrow_coupons_come_before_wide_ones_and_leave_other_lines_alone() -> None:
    """Half of the calls, 3.00 of plan pro, then 10 % of the rest, however they were given."""
    narrow = replace(FOREVER, key="calls-half", percent=Decimal(50), meters=(CALLS.key,))
    of_plan = replace(ONCE, key="pro", amount=Decimal(3), plans=(PlanKey("pro"),))
    elsewhere = replace(FOREVER, key="team", plans=(PlanKey("team"),))
    contract = with_coupons(
        given(elsewhere), given(FOREVER), given(of_plan, "2026-02-01"), given(narrow)
    )
    calls(contract, 20, day("2026-01-10"))
    january = contract.bill(day("2026-02-01"))[1]
    # 30 + 20: 20 x 50 % = 10; 3 of 40: 2.25 and 0.75; 10 % of 37 = 3.70: 2.78 and 0.92
    assert lines([january]) == {"base": "24.97", "calls": "8.33"}


def test_late_usage_moves_the_share_that_a_coupon_takes() -> None:
    """10 % of 10 calls more, on the next document; what was billed comes to the whole's."""
    contract = with_coupons(given(FOREVER))
    calls(contract, 10, day("2026-01-10"))
    contract.bill(day("2026-02-01"))
    calls(contract, 10, day("2026-01-20"))
    february = contract.bill(day("2026-03-01"))
    assert [line.money.decimal for line in february[0].lines] == [
        Decimal("27.00"), Decimal("0.00"), Decimal("9.00"),
    ]  # fmt: skip


def test_late_usage_uses_up_an_amount_earlier_and_takes_it_from_later_documents() -> None:
    """Of 50.00 January takes 10.00 more when 10 calls come late; February is owed them then."""
    contract = with_coupons(given(ONCE, "2026-02-01"))
    calls(contract, 5, day("2026-01-10"))
    contract.bill(day("2026-03-01"))
    before = sum((one.total.decimal for one in contract.documents), Decimal(0))
    calls(contract, 10, day("2026-01-20"))
    contract.bill(day("2026-04-01"))
    punctual = with_coupons(given(ONCE, "2026-02-01"))
    calls(punctual, 5, day("2026-01-10"))
    calls(punctual, 10, day("2026-01-20"))
    punctual.bill(day("2026-04-01"))
    after = sum((one.total.decimal for one in contract.documents), Decimal(0))
    assert after == sum((one.total.decimal for one in punctual.documents), Decimal(0))
    assert after - before == Decimal(10 + 30)


def test_a_coupon_that_is_dated_back_corrects_what_was_billed() -> None:
    """Given in February as from January 1: each document before gives back its 10 %."""
    contract = with_coupons()
    contract.bill(day("2026-02-01"))
    contract.basis = replace(contract.basis, coupons=(given(FOREVER),))
    made = contract.bill(day("2026-03-01"))
    assert sums(made) == ["27.00", "-3.00", "-3.00"]
    assert contract.bill(day("2026-03-01")) == []


def test_a_change_of_plan_keeps_the_coupon_of_the_document_around_it() -> None:
    """Upgraded on March 11: the parts of March are due on February's document, with its 10 %."""
    contract = with_coupons(given(FOREVER))
    contract.bill(day("2026-03-01"))
    team = plan("team", fee("60"), ONE_EACH)
    contract.agree(to_plan(day("2026-03-11"), team), plans=[team])
    made = contract.bill(day("2026-03-11"))
    # 30 x 10/31 = 9.68, 60 x 21/31 = 40.65, of both 10 %: 5.03 - as 0.97 and 4.06
    assert sums(made) == ["36.59", "-18.29"]
    assert contract.bill(day("2026-03-12")) == []


def test_a_document_that_names_another_coupon_is_found_out() -> None:
    """A basis with another percentage does not give the document's amounts."""
    contract = with_coupons(given(FOREVER))
    (opening,) = contract.bill(day("2026-01-01"))
    basis = replace(contract.basis, coupons=(given(replace(FOREVER, percent=Decimal(20))),))
    document = replace(opening, basis=digest(basis_document(basis)))
    claim = Claim(
        invoice=document,
        digest=digest(document_of(document)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
    )
    outcome = verify_document(claim, ())
    assert isinstance(outcome, Refused)
    assert "different_charge" in {problem.code for problem in outcome.problems}


def test_a_coupon_may_be_limited_to_an_add_on() -> None:
    """Half of support alone; the plan beside it stays as it is."""
    support = replace(plan("support", fee("8")), add_on=True)
    half = replace(FOREVER, percent=Decimal(50), plans=(PlanKey("support"),))
    contract = with_coupons(given(half))
    taken = AddOn(plan=support.plan, version=1, quantity=Decimal(1))
    contract.agree(ContractChange(at=day("2026-01-01"), add_ons=(taken,)), plans=[support])
    (opening,) = contract.bill(day("2026-01-01"))
    assert lines([opening]) == {"base": "30.00", "support/base": "4.00"}
