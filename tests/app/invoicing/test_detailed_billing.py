"""Prices that look at single transactions and at the clock, through engines and a correction."""

from dataclasses import replace

import msgspec
import pytest

from tallystick.app.invoicing import (
    PreviewInvoice,
    StoredDocument,
    export_proof,
    preview_invoice,
    verify_invoice,
)
from tallystick.catalog import Catalog
from tallystick.invoicing import (
    verify_bundle,
)
from tallystick.kernel import AccountKey, Done, PlanKey, PriceKey, SubscriptionKey, instant
from tests.app.invoicing.billing import Billing
from tests.corrections import void
from tests.invoicing.detailed_cases import CASES, PAID, POWER, payment, power
from tests.invoicing.detailed_cases import price as priced
from tests.invoicing.world import CONTRACT, PLAN, amounts

EACH = replace(priced(PAID, CASES["percentage of each"].price), key=PriceKey("cards"))
BANDS = replace(priced(POWER, CASES["time of use"].price), key=PriceKey("power"))
MIXED = replace(PLAN, plan=PlanKey("mixed"), prices=(EACH, BANDS))


@pytest.fixture
def mixed(billing: Billing) -> Billing:
    """Lend the workspace with a second contract, whose prices ask for detail."""
    contract = replace(CONTRACT, key=SubscriptionKey("acme-mixed"), plan=MIXED.plan)
    with billing.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(
                meters={PAID.key: PAID, POWER.key: POWER},
                plan_versions={(MIXED.plan, MIXED.version): MIXED},
            )
        )
        uow.subscriptions.save_subscriptions([contract])
        uow.commit()
    return billing


def bill(billing: Billing) -> list[StoredDocument]:
    """Run what is due and return the documents of the second contract."""
    report = billing.run()
    assert report.parked == (), report.parked
    return [
        one
        for one in billing.documents(report)
        if one.invoice.subscription == SubscriptionKey("acme-mixed")
    ]


def verify(billing: Billing, document: StoredDocument) -> None:
    """Verify from the log, and from a proof that is exported now."""
    caller, name = billing.caller, document.invoice.id
    found = verify_invoice(caller, name, uow=billing.unit(), sources=billing.sources)
    assert isinstance(found, Done), found
    proof = export_proof(caller, name, uow=billing.unit(), sources=billing.sources)
    assert isinstance(proof, Done), proof
    assert isinstance(verify_bundle(proof.value), Done)


def test_detail_is_billed_corrected_and_verified(mixed: Billing) -> None:
    """Four payments and a day of power; then one payment never happened, and less is free."""
    payments, used = CASES["percentage of each"], CASES["time of use"]
    others = [msgspec.structs.replace(one, id=f"power-{one.id}") for one in used.events]
    mixed.record([*payments.events, *others])
    (january,) = bill(mixed)
    assert amounts(january.invoice) == {"cards": "11.15", "power": "2.00"}
    verify(mixed, january)
    # Without the first payment of 50: 100 free, 150 of 250 free, so 500 pay: 6.50 + 4.00.
    (gone,) = (one for one in mixed.log.events if one.id == "e2")
    mixed.record([void(gone, position=0)])
    mixed.clock.forward(days=30)
    documents = bill(mixed)
    credit = [one for one in documents if one.invoice.total.minor < 0]
    assert [one.invoice.total.decimal.to_eng_string() for one in credit] == ["-0.65"]
    for document in (january, *documents):
        verify(mixed, document)


def test_a_preview_prices_the_detail_so_far(mixed: Billing) -> None:
    """In the middle of the month the transactions and bands so far are priced."""
    mixed.record([power(1, "2026-02-01T09:00:00Z", "3"), payment(2, "2026-02-01T10:00:00Z", "300")])
    mixed.clock.forward(days=10)
    outcome = preview_invoice(
        PreviewInvoice(account=AccountKey("acme"), at=instant("2026-02-01T09:30:00Z")),
        caller=mixed.caller,
        uow=mixed.unit(),
        sources=mixed.sources,
    )
    assert isinstance(outcome, Done), outcome
    found = [one.invoice for one in outcome.value if one.invoice.subscription == "acme-mixed"]
    assert [amounts(one) for one in found] == [{"cards": "0.00", "power": "0.60"}]
