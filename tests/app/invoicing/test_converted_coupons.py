"""Coupons that are used up, over documents of a contract whose prices are in another currency."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.catalog import Catalog, CouponGrant, Subscription, Threshold
from tallystick.kernel import PlanKey, SubscriptionKey, instant
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.app.invoicing.test_converted_billing import JANUARY, publish
from tests.app.invoicing.test_coupon_billing import ONCE, verified
from tests.clock import NEW_YEAR
from tests.invoicing.world import CONTRACT, PLAN, cpu

FEBRUARY_20 = instant("2026-02-20T00:00:00Z")
EURO = replace(CONTRACT, key=SubscriptionKey("acme-euro"), currency="EUR")
WATCHED = replace(PLAN, plan=PlanKey("watched"), thresholds=(Threshold(amount=Decimal(1)),))


def begin(billing: Billing, contract: Subscription, amount: str) -> None:
    """Let the one running contract be one that is billed in EUR, with an amount to be used up."""
    coupon = replace(ONCE, currency="EUR", amount=Decimal(amount))
    grant = CouponGrant(key="g", coupon=coupon.key, subscription=contract.key, at=NEW_YEAR)
    with billing.unit() as uow:
        (old,) = uow.subscriptions.load_subscriptions().values()
        uow.catalog.save_definitions(
            Catalog(
                plan_versions={(WATCHED.plan, WATCHED.version): WATCHED},
                coupons={coupon.key: coupon},
                coupon_grants={grant.key: grant},
            )
        )
        uow.subscriptions.save_subscriptions([replace(old, end=old.start), contract])
        uow.commit()
    billing.record(JANUARY)
    publish(billing, "2026-01-30", "0.9")
    publish(billing, "2026-02-02", "0.8")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        # The opening comes to 8.00; January to 9.39: 8.00 in advance and 1.39 of usage.
        ("12", ["0.00 EUR", "5.39 EUR", "5.00 EUR"]),
        # 2.61 are left of 20.00 for March's fee, which is 5.00 at the rate of its day of issue.
        ("20", ["0.00 EUR", "0.00 EUR", "2.39 EUR"]),
    ],
)
def test_what_is_left_of_an_amount_is_what_earlier_rates_left(
    billing: Billing, amount: str, expected: list[str]
) -> None:
    """Earlier documents are made again at the rates that they kept, also by who verifies."""
    begin(billing, EURO, amount)
    first = billing.documents(billing.run(through=FEBRUARY_2))
    publish(billing, "2026-02-27", "0.5")
    billing.clock.forward(days=28)
    second = billing.documents(billing.run(through=MARCH_2))
    assert [str(one.invoice.total) for one in (*first, *second)] == expected
    assert verified(billing, [*first, *second])


def test_a_threshold_is_billed_at_its_rate_beside_those_that_were_kept(billing: Billing) -> None:
    """300 hours in February, one included: 12.06 at 0.7; nothing is left of the 12.00."""
    watched = replace(EURO, key=SubscriptionKey("watched"), plan=WATCHED.plan)
    begin(billing, watched, "12")
    first = billing.documents(billing.run(through=FEBRUARY_2))
    publish(billing, "2026-02-19", "0.7")
    billing.clock.forward(days=18)
    billing.record([cpu(51, "2026-02-10T00:00:00Z", "1080000")])
    report = billing.run(through=FEBRUARY_20)
    assert report.parked == ()
    second = billing.documents(report)
    assert [str(one.invoice.total) for one in second] == ["8.44 EUR"]
    assert verified(billing, [*first, *second])
