"""Coupons through the stores: declared, given, billed, corrected, proven, booked."""

from datetime import datetime
from decimal import Decimal

from tallystick.app.invoicing import (
    PreviewInvoice,
    StoredDocument,
    export_proof,
    preview_invoice,
    verify_invoice,
)
from tallystick.catalog import Catalog, Coupon, CouponDuration, CouponGrant
from tallystick.invoicing import verify_bundle
from tallystick.kernel import AccountKey, Done, SubscriptionKey
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.clock import NEW_YEAR
from tests.invoicing.world import cpu

ONCE = Coupon(key="welcome", amount=Decimal(12), currency="USD", duration=CouponDuration.ONCE)
SHARE = Coupon(key="share", percent=Decimal(10), duration=CouponDuration.FOREVER)


def give(billing: Billing, *coupons: Coupon, at: datetime = NEW_YEAR) -> None:
    """Declare coupons and give them: an amount to the contract, a percentage to the account."""
    grants = [
        CouponGrant(
            key=f"g-{coupon.key}",
            coupon=coupon.key,
            subscription=SubscriptionKey("acme-compute") if coupon.keeps_rest else None,
            account=None if coupon.keeps_rest else AccountKey("acme"),
            at=at,
        )
        for coupon in coupons
    ]
    with billing.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(
                coupons={one.key: one for one in coupons},
                coupon_grants={one.key: one for one in grants},
            )
        )
        uow.commit()


def verified(billing: Billing, documents: list[StoredDocument]) -> bool:
    """Say whether each document verifies, from the log and from its proof."""
    for document in documents:
        id_ = document.invoice.id
        from_log = verify_invoice(billing.caller, id_, uow=billing.unit(), sources=billing.sources)
        assert isinstance(from_log, Done), from_log
        proof = export_proof(billing.caller, id_, uow=billing.unit(), sources=billing.sources)
        assert isinstance(proof, Done), proof
        bundle = verify_bundle(proof.value)
        assert isinstance(bundle, Done), bundle
    return True


def test_an_amount_is_used_up_over_documents_and_late_usage(billing: Billing) -> None:
    """12.00: the opening takes 10.00, January's document 2.00; late usage there moves nothing."""
    give(billing, ONCE)
    billing.record([cpu(1, "2026-01-10T00:00:00Z", "43200")])
    january = billing.documents(billing.run(through=FEBRUARY_2))
    assert [str(one.invoice.total) for one in january] == ["0.00 USD", "8.54 USD"]
    billing.record([cpu(2, "2026-01-31T00:00:00Z", "36000")])
    billing.clock.forward(days=28)
    february = billing.documents(billing.run(through=MARCH_2))
    # 10 hours at 0.04 more; 2.00 off 10.00 and 0.94 are 1.83 and 0.17, no longer 1.90 and 0.10
    assert [str(one.invoice.total) for one in february] == ["10.40 USD"]
    assert verified(billing, [*january, *february])
    with billing.unit() as uow:
        balances = uow.journal.balances(as_of=MARCH_2)
    moved = {account: money.minor for (account, *_), money in balances.items()}
    assert moved["receivable:acme"] == 854 + 1040
    assert billing.run(through=MARCH_2).issued == ()


def test_a_preview_knows_what_documents_before_have_used_up(billing: Billing) -> None:
    """In February nothing is left of 12.00; a percentage given besides counts as it will."""
    give(billing, ONCE, SHARE)
    billing.record([cpu(1, "2026-01-10T00:00:00Z", "43200")])
    billing.run(through=FEBRUARY_2)
    outcome = preview_invoice(
        PreviewInvoice(account=AccountKey("acme")),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done)
    (preview,) = outcome.value
    assert str(preview.invoice.total) == "9.00 USD"


def test_a_grant_that_is_dated_back_is_corrected_by_difference(billing: Billing) -> None:
    """10 % from January on, known in February: two credit notes, and it is found again."""
    billing.record([cpu(1, "2026-01-10T00:00:00Z", "43200")])
    billing.run(through=FEBRUARY_2)
    give(billing, SHARE)
    billing.clock.forward(days=28)
    documents = billing.documents(billing.run(through=MARCH_2))
    assert [str(one.invoice.total) for one in documents] == [
        "9.00 USD", "-1.00 USD", "-1.05 USD",
    ]  # fmt: skip
    assert verified(billing, documents)
