"""Properties of prices as documents."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Done, MeterKey, PriceKey, Refused
from tallystick.pricing import (
    CommittedPrice,
    CostPlusPrice,
    DatedRate,
    Discount,
    DiscountTier,
    DynamicPrice,
    FlatPrice,
    FormulaPrice,
    MatrixCell,
    MatrixPrice,
    Model,
    PackagePrice,
    PercentagePrice,
    Price,
    QuantityRounding,
    StairstepPrice,
    TimeBand,
    TimeOfUsePrice,
    UnitPrice,
    document_from_price,
    plain_usage,
    price_from_document,
    rate_document,
)
from tests.strategies import (
    CURRENCIES,
    decimals,
    graduated_prices,
    instants,
    quantities,
    tier_tables,
    unit_prices,
    volume_prices,
)


def usage_prices() -> st.SearchStrategy[Price]:
    """Prices of a meter, of every model that takes a quantity."""
    models = st.one_of(
        st.builds(lambda price: UnitPrice(unit_price=price), unit_prices()),
        st.builds(
            lambda size, price: PackagePrice(package_size=size, package_price=price),
            decimals("0.001", "1000"),
            unit_prices(),
        ),
        graduated_prices(),
        volume_prices(),
        detailed_models(),
    )
    return st.builds(
        lambda model, code, allowance, groups, around: Price(
            key=PriceKey("usage"),
            model=model,
            meter=MeterKey("used"),
            unit="GiB.hour",
            currency=code,
            allowance=Decimal(0) if isinstance(model, PercentagePrice) else allowance,
            group_by=(*sorted(groups), "zone"),
            **around,
        ),
        models,
        st.sampled_from(CURRENCIES),
        st.one_of(st.just(Decimal(0)), decimals("0", "1000")),
        st.sets(st.sampled_from(["region", "model", "tier"])),
        surroundings(),
    )


def detailed_models() -> st.SearchStrategy[Model]:
    """Models that are told more than a quantity, or say something else than a price of a unit."""
    optional = st.none() | unit_prices()
    return st.one_of(
        st.builds(
            lambda tiers: StairstepPrice(
                tiers=tuple(replace(tier, unit_price=Decimal(0)) for tier in tiers)
            ),
            tier_tables(),
        ),
        st.builds(
            PercentagePrice,
            percent=unit_prices(),
            fixed=unit_prices(),
            free_transactions=optional,
            free_amount=optional,
            transaction_minimum=optional,
        ),
        st.builds(
            lambda prices, default: MatrixPrice(
                cells=tuple(
                    MatrixCell(where=(("zone", str(at)),), unit_price=price)
                    for at, price in enumerate(prices)
                ),
                default_price=default,
            ),
            st.lists(unit_prices(), min_size=1, max_size=3),
            unit_prices(),
        ),
        st.builds(
            lambda price, begin, days: TimeOfUsePrice(
                bands=(TimeBand(name="peak", unit_price=price, begin=begin, days=tuple(days)),),
                otherwise=price,
            ),
            unit_prices(),
            st.sampled_from(["00:00", "08:30", "23:59"]),
            st.sets(st.sampled_from(["mon", "sun"])).map(sorted),
        ),
        st.builds(
            lambda factor, at, price: DynamicPrice(
                factor=factor,
                series=tuple(DatedRate(at=one, unit_price=price) for one in sorted(at)),
            ),
            unit_prices(),
            st.sets(instants(), max_size=3),
            unit_prices(),
        ),
        st.builds(
            CommittedPrice,
            commitment=unit_prices(),
            unit_price=unit_prices(),
            overage_price=unit_prices(),
        ),
        st.builds(CostPlusPrice, markup_percent=unit_prices()),
        st.sampled_from(["quantity * 2", 'if dimension.zone == "a" then 1 else 2 / quantity']).map(
            lambda formula: FormulaPrice(formula=formula)
        ),
    )


def surroundings() -> st.SearchStrategy[dict[str, Any]]:
    """What may surround any of these models."""
    discounts = st.one_of(
        st.builds(Discount, name=st.just("spring"), amount=unit_prices()),
        st.builds(Discount, percent=decimals("0", "100")),
        st.builds(
            lambda percent: Discount(
                tiers=(
                    DiscountTier(up_to=Decimal(10), percent=Decimal(0)),
                    DiscountTier(percent=percent),
                )
            ),
            decimals("0", "100"),
        ),
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "discounts": st.lists(discounts, max_size=3).map(tuple),
            "minimum": decimals("0", "5"),
            "maximum": decimals("5", "10"),
        },
    )


@given(quantities(), surroundings())
def test_a_rounded_quantity_survives_its_document(least: Decimal, around: dict[str, Any]) -> None:
    """Rounding and least quantity are read as they were written."""
    price = Price(
        key=PriceKey("usage"),
        model=UnitPrice(unit_price=Decimal(1)),
        currency="EUR",
        minimum_quantity=least,
        rounding=QuantityRounding(step=Decimal("0.5"), mode="nearest"),
        **around,
    )
    document = json.loads(json.dumps(document_from_price(price)))
    assert price_from_document(document) == Done(price)


def flat_prices() -> st.SearchStrategy[Price]:
    """Fees in advance and in arrears."""
    return st.builds(
        lambda amount, code, cadence: Price(
            key=PriceKey("fee"), model=FlatPrice(amount=amount), currency=code, cadence=cadence
        ),
        unit_prices(),
        st.sampled_from(CURRENCIES),
        st.sampled_from(["advance", "arrears"]),
    )


@given(st.one_of(usage_prices(), flat_prices()))
def test_a_price_survives_its_document(price: Price) -> None:
    """Writing a price, sending it as JSON and reading it gives an equal price."""
    document = json.loads(json.dumps(document_from_price(price)))
    assert price_from_document(document) == Done(price)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    "key model meter unit currency allowance cadence group_by amount unit_price package_size "
    "package_price tiers flat_at_zero currency_exponent discounts rounding minimum percent cells "
    "bands otherwise series formula default_price".split()
)
VALUES = st.one_of(
    JSON,
    st.sampled_from(
        ["flat", "unit", "graduated", "matrix", "time_of_use", "dynamic", "percentage", "USD", "1"]
    ),
)


@given(st.one_of(JSON, st.dictionaries(FIELDS, VALUES)))
def test_no_document_raises(document: object) -> None:
    """Whatever stands in a document, the answer is a price or problems with code and message."""
    outcome = rate_document(document, plain_usage("1"))
    if isinstance(outcome, Refused):
        assert outcome.problems
        assert all(problem.code and problem.message for problem in outcome.problems)
