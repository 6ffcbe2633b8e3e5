"""Invoices within a period through the stores: found by a run, once, proven, taken off, shown."""

from dataclasses import replace
from decimal import Decimal

from tallystick.app.invoicing import PreviewInvoice, preview_invoice, review_drafts
from tallystick.catalog import Catalog, IssueRules, Threshold
from tallystick.invoicing import Purpose
from tallystick.kernel import AccountKey, Done, PlanKey, instant
from tests.app.invoicing.billing import MARCH_2, Billing
from tests.app.invoicing.test_coupon_billing import verified
from tests.invoicing.world import CONTRACT, ENTITY, PLAN, cpu

FEBRUARY_20 = instant("2026-02-20T00:00:00Z")


def sell(billing: Billing, *thresholds: str) -> None:
    """Sell a plan with thresholds from the start on."""
    sold = replace(
        PLAN,
        plan=PlanKey("watched"),
        thresholds=tuple(Threshold(amount=Decimal(one)) for one in thresholds),
    )
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(plan_versions={(sold.plan, sold.version): sold}))
        contract = replace(
            CONTRACT, key=type(CONTRACT.key)("watched"), plan=sold.plan, version=sold.version
        )
        uow.subscriptions.save_subscriptions([contract])
        uow.commit()


def test_a_run_within_the_period_bills_what_passes_a_threshold(billing: Billing) -> None:
    """1.00 of usage in February: an invoice on the 20th, none on another run, the rest in March."""
    sell(billing, "1")
    billing.run()
    billing.clock.forward(days=18)
    assert billing.run(through=FEBRUARY_20).issued == ()
    billing.record([cpu(1, "2026-02-10T00:00:00Z", "108000")])
    report = billing.run(through=FEBRUARY_20)
    assert report.parked == ()
    made = billing.documents(report)
    assert [(one.invoice.purpose, str(one.invoice.total)) for one in made] == [
        (Purpose.THRESHOLD, "1.26 USD")
    ]
    assert billing.run(through=FEBRUARY_20).issued == ()
    outcome = preview_invoice(
        PreviewInvoice(account=AccountKey("acme")),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done)
    shown = {one.invoice.subscription: str(one.invoice.total) for one in outcome.value}
    assert shown == {"acme-compute": "11.26 USD", "watched": "10.00 USD"}
    billing.record([cpu(2, "2026-02-25T00:00:00Z", "3600")])
    billing.clock.forward(days=10)
    march = billing.documents(billing.run(through=MARCH_2))
    totals = {one.invoice.subscription: str(one.invoice.total) for one in march}
    assert totals == {"acme-compute": "11.30 USD", "watched": "10.04 USD"}
    assert verified(billing, [*made, *march])
    assert billing.run(through=MARCH_2).issued == ()


def test_usage_is_watched_where_documents_are_held(billing: Billing) -> None:
    """With `hold_invoices` and nothing due, what passes a threshold is drafted, once, to review."""
    sell(billing, "1")
    billing.run()
    with billing.unit() as uow:
        entity = replace(ENTITY, issuing=IssueRules(hold=True))
        uow.catalog.save_definitions(Catalog(legal_entities={entity.key: entity}))
        uow.commit()
    billing.clock.forward(days=18)
    billing.record([cpu(1, "2026-02-10T00:00:00Z", "108000")])
    report = billing.run(through=FEBRUARY_20)
    assert (report.issued, report.held) == ((), 1)
    drafts = review_drafts(billing.caller, uow=billing.unit())
    assert isinstance(drafts, Done)
    (draft,) = drafts.value
    assert (draft.summary.purpose, str(draft.summary.total)) == (Purpose.THRESHOLD, "1.26 USD")
    billing.record([cpu(2, "2026-02-11T00:00:00Z", "108000")])
    assert billing.run(through=FEBRUARY_20).held == 0, "what is reviewed stands still"
