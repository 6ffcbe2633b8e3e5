"""Prices as documents: what is read, what is refused and where."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.kernel import Done, MeterKey, PriceKey, Refused
from tallystick.pricing import (
    FlatPrice,
    GraduatedPrice,
    PackagePrice,
    Price,
    Tier,
    UnitPrice,
    document_from_price,
    plain_usage,
    price_from_document,
    rate_document,
)

CPU = {
    "key": "cpu",
    "model": "graduated",
    "currency": "USD",
    "meter": "cpu_seconds",
    "unit": "hour",
    "allowance": "1",
    "group_by": ["region"],
    "tiers": [{"up_to": "100", "unit_price": "0.05"}, {"unit_price": "0.04", "flat": "2"}],
}
FEE = {"key": "base", "model": "flat", "amount": "10.00", "cadence": "advance", "currency": "USD"}
CALLS = {
    "key": "calls",
    "model": "package",
    "currency": "EUR",
    "meter": "calls",
    "unit": "request",
    "package_size": 1000,
    "package_price": Decimal("0.50"),
}


def problems(document: object) -> list[tuple[str, str]]:
    """Return code and field of each problem of a document."""
    outcome = price_from_document(document)
    assert isinstance(outcome, Refused), outcome
    return [(each.code, each.field) for each in outcome.problems]


@pytest.mark.parametrize(
    ("document", "price"),
    [
        (
            CPU,
            Price(
                key=PriceKey("cpu"),
                model=GraduatedPrice(
                    tiers=(
                        Tier(up_to=Decimal(100), unit_price=Decimal("0.05")),
                        Tier(up_to=None, unit_price=Decimal("0.04"), flat=Decimal(2)),
                    )
                ),
                meter=MeterKey("cpu_seconds"),
                unit="hour",
                currency="USD",
                allowance=Decimal(1),
                group_by=("region",),
            ),
        ),
        (
            FEE,
            Price(
                key=PriceKey("base"),
                model=FlatPrice(amount=Decimal(10)),
                currency="USD",
                cadence="advance",
            ),
        ),
        (
            CALLS,
            Price(
                key=PriceKey("calls"),
                model=PackagePrice(package_size=Decimal(1000), package_price=Decimal("0.5")),
                meter=MeterKey("calls"),
                unit="request",
                currency="EUR",
            ),
        ),
    ],
)
def test_a_document_is_read(document: dict[str, object], price: Price) -> None:
    """Numbers come as text, whole numbers or decimals; what is left out has its default."""
    assert price_from_document(document) == Done(price)


def test_a_plan_lends_its_currency() -> None:
    """Where a price names no currency the one around it counts."""
    document = {"key": "fee", "model": "flat", "amount": "1"}
    outcome = price_from_document(document, currency="JPY")
    assert isinstance(outcome, Done)
    assert outcome.value.currency == "JPY"
    assert problems(document) == [("missing", "currency")]


def test_a_declared_unit_is_known() -> None:
    """Units that a catalog declares may be priced."""
    document = {"key": "x", "model": "unit", "unit_price": "1", "currency": "USD"}
    document["unit"] = "pod.hour"
    assert problems(document) == [("unknown_unit", "unit")]
    assert isinstance(price_from_document(document, declared_units={"pod"}), Done)


def test_null_is_the_same_as_absent() -> None:
    """A field without value has its default."""
    assert price_from_document(FEE | {"meter": None, "unit": None}) == price_from_document(FEE)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"key": None}, [("missing", "key")]),
        ({"key": "a b"}, [("invalid_key", "key")]),
        ({"key": 5}, [("wrong_type", "key")]),
        ({"model": "gradated"}, [("unknown_model", "model"), ("unknown_field", "tiers")]),
        ({"currency": "USDD"}, [("unknown_currency", "currency")]),
        ({"currency": "XAU"}, [("unknown_currency", "currency")]),
        ({"unit": "hours"}, [("unknown_unit", "unit")]),
        ({"allowance": "-1"}, [("negative", "allowance")]),
        ({"allowance": 0.1}, [("wrong_type", "allowance")]),
        ({"allowance": True}, [("wrong_type", "allowance")]),
        ({"allowance": "many"}, [("not_a_number", "allowance")]),
        ({"allowance": "NaN"}, [("not_a_number", "allowance")]),
        ({"allowance": "1e-19"}, [("not_a_number", "allowance")]),
        ({"cadence": "never"}, [("unknown_cadence", "cadence")]),
        ({"cadence": "advance"}, [("usage_in_advance", "cadence")]),
        ({"group_by": "region"}, [("wrong_type", "group_by")]),
        ({"group_by": [""]}, [("wrong_type", "group_by")]),
        ({"group_by": ["a", "a"]}, [("duplicate_dimension", "group_by")]),
        ({"currency_exponent": 2}, [("unknown_currency", "currency")]),
        ({"currency_exponent": "2"}, [("wrong_type", "currency_exponent")]),
        ({"tiers": None}, [("missing", "tiers"), ("wrong_type", "tiers")]),
        ({"tiers": {"up_to": 1}}, [("wrong_type", "tiers")]),
        ({"tiers": []}, [("no_tiers", "tiers")]),
        ({"tiers": ["1"]}, [("wrong_type", "tiers[0]")]),
        ({"tiers": [{"unit_price": 0.5}]}, [("wrong_type", "tiers[0].unit_price")]),
        ({"tiers": [{"price": "1", "unit_price": "1"}]}, [("unknown_field", "tiers[0].price")]),
        ({"tiers": [{"up_to": "5"}]}, [("last_tier_bounded", "tiers[0].up_to")]),
        ({"flat_at_zero": "yes"}, [("wrong_type", "flat_at_zero")]),
        ({"ampunt": "1"}, [("unknown_field", "ampunt")]),
    ],
)
def test_every_fault_is_told_with_its_field(
    change: dict[str, object], found: list[tuple[str, str]]
) -> None:
    """A wrong field is refused by code and path."""
    assert problems(CPU | change) == found


def test_faults_are_told_together() -> None:
    """One reading shows all that a person has to mend."""
    wrong = {"key": "x", "model": "unit", "unit_price": "free", "unit": "hors", "colour": "red"}
    assert problems(wrong) == [
        ("not_a_number", "unit_price"),
        ("missing", "currency"),
        ("unknown_unit", "unit"),
        ("unknown_field", "colour"),
    ]


def test_a_fee_takes_nothing_of_usage() -> None:
    """Meter, unit, allowance and groups of a flat price would never be used: refused."""
    usage = {"meter": "m", "unit": "hour", "allowance": "1", "group_by": ["region"]}
    fields = ["meter", "unit", "allowance", "group_by"]
    arrears = FEE | {"cadence": "arrears"} | usage
    assert problems(arrears) == [("flat_takes_no_usage", field) for field in fields]


@pytest.mark.parametrize("document", [None, "flat", 5, [FEE]])
def test_a_price_is_an_object(document: object) -> None:
    """Anything but a mapping is refused as a whole."""
    assert problems(document) == [("wrong_type", "")]


def test_a_misspelt_field_names_the_right_one() -> None:
    """The message says what was probably meant."""
    outcome = price_from_document(CPU | {"allowence": "1"})
    assert isinstance(outcome, Refused)
    assert 'did you mean "allowance"' in outcome.problems[0].message


def test_defaults_are_not_written() -> None:
    """A document holds what somebody would write by hand."""
    price = Price(
        key=PriceKey("x"), model=UnitPrice(unit_price=Decimal("0.10")), currency="USD", unit="GB"
    )
    assert document_from_price(price) == {
        "key": "x",
        "model": "unit",
        "currency": "USD",
        "unit": "GB",
        "unit_price": "0.1",
    }


def test_tiers_are_written_as_they_are_read() -> None:
    """An open tier has no bound, a tier without fee no fee."""
    outcome = price_from_document(CPU)
    assert isinstance(outcome, Done)
    assert document_from_price(outcome.value) == CPU


def test_a_document_is_rated_without_any_engine() -> None:
    """A price file and a quantity give the charge with its steps."""
    outcome = rate_document(CPU, plain_usage("131"))
    assert isinstance(outcome, Done)
    assert outcome.value.amount.value == Decimal("8.2")


def test_price_and_quantity_are_refused_together() -> None:
    """Both mistakes show at once."""
    outcome = rate_document(FEE | {"amount": "ten"}, plain_usage("many"))
    assert isinstance(outcome, Refused)
    assert [each.field for each in outcome.problems] == ["amount", "quantity"]


def test_a_price_may_be_declared_in_several_currencies() -> None:
    """What it says of money is said again for each, all else is shared, and it reads back equal."""
    tiers = [{"up_to": "50", "unit_price": "0.045"}, {"unit_price": "0.03"}]
    outcome = price_from_document({**CPU, "currencies": {"EUR": {"tiers": tiers, "minimum": "5"}}})
    assert isinstance(outcome, Done), outcome
    price = outcome.value
    euro = price.stated_in("EUR")
    assert (euro.currency, euro.minimum, euro.allowance) == ("EUR", Decimal(5), Decimal(1))
    assert price.stated_in("GBP") == replace(price, stated=())
    assert price_from_document(document_from_price(price)) == outcome


def test_a_price_in_another_currency_shares_all_but_its_money() -> None:
    """A field that is no money, or a mistake in one, is refused with the currency in its path."""
    for body, path in (
        ({"allowance": "2", "tiers": CPU["tiers"]}, "currencies.EUR"),
        ({}, "currencies.EUR.tiers"),
        ({"tiers": [{"unit_price": "x"}]}, "currencies.EUR.tiers[0].unit_price"),
    ):
        outcome = price_from_document({**CPU, "currencies": {"EUR": body}})
        assert isinstance(outcome, Refused), body
        assert outcome.problems[0].field == path
