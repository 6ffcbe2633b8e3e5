"""Properties of prices as documents."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Done, MeterKey, PriceKey, Refused
from tallystick.pricing import (
    FlatPrice,
    PackagePrice,
    Price,
    UnitPrice,
    document_from_price,
    price_from_document,
    rate_document,
)
from tests.strategies import CURRENCIES, decimals, graduated_prices, unit_prices, volume_prices


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
    )
    return st.builds(
        lambda model, code, allowance, groups: Price(
            key=PriceKey("usage"),
            model=model,
            meter=MeterKey("used"),
            unit="GiB.hour",
            currency=code,
            allowance=allowance,
            group_by=tuple(sorted(groups)),
        ),
        models,
        st.sampled_from(CURRENCIES),
        st.one_of(st.just(Decimal(0)), decimals("0", "1000")),
        st.sets(st.sampled_from(["region", "model", "tier"])),
    )


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
    "package_price tiers flat_at_zero currency_exponent".split()
)
VALUES = st.one_of(JSON, st.sampled_from(["flat", "unit", "graduated", "volume", "USD", "1"]))


@given(st.one_of(JSON, st.dictionaries(FIELDS, VALUES)))
def test_no_document_raises(document: object) -> None:
    """Whatever stands in a document, the answer is a price or problems with code and message."""
    outcome = rate_document(document, "1")
    if isinstance(outcome, Refused):
        assert outcome.problems
        assert all(problem.code and problem.message for problem in outcome.problems)
