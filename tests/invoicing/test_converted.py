"""Contracts in another currency than their prices: which rate, and what is kept of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tallystick.catalog import Coupon, CouponDuration, GivenCoupon
from tallystick.currency import PublishedRate
from tallystick.invoicing import (
    Claim,
    Invoice,
    basis_document,
    basis_from_document,
    document_of,
    explain_line,
    explanation_text,
    invoice_from_document,
    verify_document,
)
from tallystick.kernel import Done, MeterKey, PriceKey, Refused, SubjectSpan, WorkspaceId, digest
from tallystick.metering import Aggregation, Event, Meter
from tallystick.pricing import FlatPrice, InvalidPrice, Price, SpendPrice, UnitPrice
from tests.invoicing.contract import Contract, day, fee, plan, shown, subscribed, to_plan
from tests.invoicing.world import event

DATA = Meter(
    key=MeterKey("data"), event_type="data", aggregation=Aggregation.SUM, value="gb", unit="GB"
)
PER_GB = Price(
    key=PriceKey("data"),
    model=UnitPrice(unit_price=Decimal("0.10")),
    meter=DATA.key,
    unit="GB",
    currency="USD",
)


def published(on: str, rate: str, *, base: str = "USD", quote: str = "EUR") -> PublishedRate:
    """Return a rate: of the central bank, or of a table of one's own for a custom unit."""
    source = "ecb" if base == "USD" else "own"
    value = Decimal(rate)
    return PublishedRate(
        source=source, base=base, quote=quote, day=date.fromisoformat(on), rate=value
    )


def used(position: int, at: str, gigabytes: str) -> Event:
    """Return an event of the meter."""
    instant = f"{at}T00:00:00Z"
    data = f'{{"gb":{gigabytes}}}'
    made = event(position, instant, type="data", subject="vm-1", data=data)
    return msgspec.structs.replace(made, workspace=WorkspaceId("w"))


def in_euro(*prices: Price, events: tuple[Event, ...] = ()) -> Contract:
    """Return a contract in EUR from March 1 on prices in USD."""
    contract = subscribed(plan("pro", *prices), day("2026-03-01"), meters=[DATA])
    spans = (SubjectSpan(subject="vm-1", start=None, end=None),)
    terms = replace(contract.basis.subscription, currency="EUR")
    contract.basis = replace(contract.basis, subscription=terms, spans=spans)
    contract.events = list(events)
    return contract


def billed(contract: Contract, through: str) -> list[Invoice]:
    """Bill through a day; each document must read back as it was written, and verify."""
    made = contract.bill(day(through))
    for document in made:
        assert invoice_from_document(document_of(document)) == Done(document)
    assert basis_from_document(basis_document(contract.basis)) == Done(contract.basis)
    return made


def test_usage_is_converted_by_the_rate_of_the_periods_last_day() -> None:
    """The exact charge is converted, then settled; both amounts, rate, day and source are kept."""
    contract = in_euro(PER_GB, events=(used(1, "2026-03-10", "173.45"),))
    contract.published = [
        published("2026-03-27", "0.8"),
        published("2026-03-30", "0.9"),
        published("2026-04-01", "0.7"),
    ]
    (invoice,) = billed(contract, "2026-04-01")
    (line,) = invoice.lines
    assert line.charge is not None
    assert line.conversion is not None
    assert line.charge.conversion is not None
    assert str(line.charge.conversion.before.value) == "17.3450"
    assert line.charge.conversion.before.currency.code == "USD"
    assert (line.conversion.day, line.conversion.rate.on) == (date(2026, 3, 31), date(2026, 3, 30))
    assert str(line.money) == "15.61 EUR"
    assert line.exact.value == Decimal("15.6105")
    told = explanation_text(explain_line(invoice, contract.basis, line))
    assert "17.345 USD at 0.9 (ecb of 2026-03-30, for 2026-03-31)" in told


def test_a_fee_in_advance_is_converted_by_the_rate_of_the_day_of_issue() -> None:
    """March's fee is issued on March 3, whatever the rate was when the period began."""
    contract = in_euro(fee("10.00"))
    contract.published = [published("2026-02-27", "0.8"), published("2026-03-03", "0.9")]
    contract.issued_on = date(2026, 3, 3)
    (invoice,) = billed(contract, "2026-03-01")
    assert shown([invoice]) == ["base 03-01..04-01 9.00"]
    assert invoice.converted_on == date(2026, 3, 3)


def test_a_correction_takes_the_original_rate() -> None:
    """What came late is converted by the rate at which the period was billed."""
    contract = in_euro(PER_GB, events=(used(1, "2026-03-10", "173.45"),))
    contract.published = [published("2026-03-30", "0.9"), published("2026-04-30", "0.5")]
    billed(contract, "2026-04-01")
    contract.published.append(published("2026-03-31", "0.1"))
    contract.events.append(used(5, "2026-03-11", "2"))
    made = billed(contract, "2026-05-01")
    # 17.545 USD x 0.9 = 15.7905 EUR, of which 15.61 are settled.
    assert shown(made) == ["data 04-01..05-01 0.00", "data 03-01..04-01 0.18"]
    assert [line.conversion and str(line.conversion.rate.value) for line in made[0].lines] == [
        "0.5", "0.9",
    ]  # fmt: skip


def test_a_part_of_a_billed_fee_takes_the_rate_of_the_whole() -> None:
    """An upgrade within a period gives back and charges anew by the rate of the fee it cuts."""
    small, large = plan("pro", fee("10.00")), plan("team", fee("20.00"))
    contract = in_euro(fee("10.00"))
    contract.basis = replace(contract.basis, plan=small)
    contract.published = [published("2026-02-27", "0.9"), published("2026-03-11", "0.5")]
    billed(contract, "2026-03-01")
    contract.agree(to_plan(day("2026-03-11"), large), plans=[large])
    made = billed(contract, "2026-03-11")
    # 20.00 x 21/31 x 0.9 = 12.19, and 10.00 x 10/31 x 0.9 = 2.90 of 9.00.
    assert shown(made) == ["base 03-11..04-01 12.19", "base 03-01..03-11 -6.10"]


def test_without_a_rate_nothing_is_drafted() -> None:
    """No rate within its age is an error that names the price, and never 1."""
    contract = in_euro(PER_GB, events=(used(1, "2026-03-10", "173.45"),))
    contract.published = [published("2026-03-23", "0.9"), published("2026-04-01", "0.9")]
    with pytest.raises(AssertionError, match=r"no_exchange_rate.*data.*USD.*EUR"):
        contract.bill(day("2026-04-01"))


def test_a_price_declared_in_the_contracts_currency_is_taken_as_it_is() -> None:
    """Where a price is stated in EUR too, a contract in EUR pays that and nothing is converted."""
    euro = replace(fee("8.50"), currency="EUR")
    contract = in_euro(replace(fee("10.00"), stated=(euro,)))
    (invoice,) = billed(contract, "2026-03-01")
    assert shown([invoice]) == ["base 03-01..04-01 8.50"]
    assert invoice.lines[0].conversion is None
    assert invoice.converted_on is None


def test_custom_units_have_a_conversion_price() -> None:
    """300 units at 0.50 USD are 150.00 USD; the conversion price may be months old."""
    units = replace(
        PER_GB, currency="UNITS", currency_exponent=2, model=UnitPrice(unit_price=Decimal(1))
    )
    contract = in_euro(units, events=(used(1, "2026-03-10", "300"),))
    contract.basis = replace(
        contract.basis, subscription=replace(contract.basis.subscription, currency=None)
    )
    contract.published = [published("2025-09-01", "0.5", base="UNITS", quote="USD")]
    (invoice,) = billed(contract, "2026-04-01")
    (line,) = invoice.lines
    assert line.charge is not None
    assert line.charge.conversion is not None
    assert (str(line.charge.conversion.before.value), str(line.money)) == ("300", "150.00 USD")


def changed_rate(document: Invoice) -> Invoice:
    """Return a document that was converted by another rate, and settled so."""
    (line,) = document.lines
    assert line.charge is not None
    assert line.conversion is not None
    assert line.charge.conversion is not None
    other = replace(line.conversion, rate=replace(line.conversion.rate, value=Decimal("0.91")))
    exact = replace(line.exact, value=Decimal("17.345") * Decimal("0.91"))
    charge = msgspec.structs.replace(
        line.charge,
        amount=exact,
        conversion=msgspec.structs.replace(line.charge.conversion, dated=other),
    )
    money = replace(line.money, minor=1578)
    return replace(document, lines=(replace(line, charge=charge, exact=exact, money=money),))


def test_verification_finds_another_rate() -> None:
    """A document that was converted by a rate which its basis does not hold is found out."""
    contract = in_euro(PER_GB, events=(used(1, "2026-03-10", "173.45"),))
    contract.published = [published("2026-03-30", "0.9")]
    (invoice,) = billed(contract, "2026-04-01")
    said = changed_rate(invoice)
    basis = contract.basis
    claim = Claim(
        invoice=said,
        digest=digest(document_of(said)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        previous=(),
    )
    outcome = verify_document(claim, contract.events)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "different_conversion"


def test_a_flat_fee_of_another_model_is_no_other_currency_of_a_price() -> None:
    """What a price says in another currency differs in money alone."""
    euro = Price(
        key=PriceKey("base"),
        model=UnitPrice(unit_price=Decimal(1)),
        currency="EUR",
        cadence="advance",
    )
    with pytest.raises(InvalidPrice, match="all but its money is shared"):
        replace(fee("10.00"), stated=(euro,))
    twice = replace(fee("10.00"), model=FlatPrice(amount=Decimal(9)))
    with pytest.raises(InvalidPrice, match="names a currency twice"):
        replace(fee("10.00"), stated=(twice,))


def test_what_a_coupon_takes_off_is_in_the_contracts_currency() -> None:
    """The charge is converted first; 10 % of 9.00 EUR come off behind it, and it all verifies."""
    spring = Coupon(
        key="spring", name="Spring", percent=Decimal(10), duration=CouponDuration.FOREVER
    )
    contract = in_euro(fee("10.00"), PER_GB, events=(used(1, "2026-03-10", "173.45"),))
    given = GivenCoupon(grant="spring", coupon=spring, at=day("2026-03-01"))
    contract.basis = replace(contract.basis, coupons=(given,))
    contract.published = [published("2026-02-27", "0.9"), published("2026-03-30", "0.8")]
    opening = billed(contract, "2026-03-01")
    assert shown(opening) == ["base 03-01..04-01 8.10"]
    (line,) = opening[0].lines
    assert line.charge is not None
    assert [str(step.amount) for step in line.charge.steps] == ["10.00", "-0.90"]
    assert "Spring of 10 %: " in explanation_text(explain_line(opening[0], contract.basis, line))
    # 17.345 USD x 0.8 = 13.876 EUR, 10 % of 13.88 and of 8.00 come off.
    assert shown(billed(contract, "2026-04-01")) == [
        "base 04-01..05-01 7.20", "data 03-01..04-01 12.49",
    ]  # fmt: skip


def test_bounds_over_prices_are_converted_at_the_rate_of_their_own_line() -> None:
    """100 and 150 USD are 90 and 135 EUR for March, whenever March is corrected."""
    bound = Price(
        key=PriceKey("platform"),
        model=SpendPrice(of=("data",)),
        currency="USD",
        minimum=Decimal(100),
        maximum=Decimal(150),
    )
    contract = in_euro(PER_GB, bound, events=(used(1, "2026-03-10", "500"),))
    contract.published = [published("2026-03-30", "0.9"), published("2026-04-30", "0.5")]
    assert shown(billed(contract, "2026-04-01")) == [
        "data 03-01..04-01 45.00",
        "platform 03-01..04-01 45.00",
    ]
    contract.events.append(used(5, "2026-03-11", "2000"))
    assert shown(billed(contract, "2026-05-01")) == [
        "data 04-01..05-01 0.00",
        "platform 04-01..05-01 50.00",
        "data 03-01..04-01 90.00",
        "platform 03-01..04-01 -45.00",
    ]
