"""By when documents are to be paid: the term of the payer, else of the plan, else of the entity."""

from dataclasses import replace
from datetime import timedelta

from tallystick.app.invoicing import verify_invoice
from tallystick.catalog import Catalog, Documents, IssueRules, plan_catalog
from tallystick.invoicing import Invoice
from tallystick.kernel import AccountKey, Done, Refused, SubscriptionKey, instant
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.invoicing.world import ENTITY, PLAN


def opening(billing: Billing) -> Invoice:
    """Return the first document that a run issues."""
    return billing.documents(billing.run(through=FEBRUARY_2))[0].invoice


def days(invoice: Invoice) -> timedelta:
    """Return how long it may be paid."""
    assert invoice.issued_on is not None
    assert invoice.due_on is not None
    return invoice.due_on - invoice.issued_on


def test_everybody_has_two_weeks_unless_told_otherwise(billing: Billing) -> None:
    """Neither the entity nor the payer says anything: 14 days."""
    assert days(opening(billing)) == timedelta(days=14)


def test_the_payers_term_comes_before_that_of_the_entity(billing: Billing) -> None:
    """The entity gives 30 days; a payer of whom nothing is asked but 0 pays at once."""
    patient = replace(ENTITY, issuing=IssueRules(payment_days=30))
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(legal_entities={ENTITY.key: patient}))
        uow.commit()
    assert days(opening(billing)) == timedelta(days=30)
    with billing.unit() as uow:
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        uow.accounts.save_accounts([replace(account, payment_days=0)])
        uow.commit()
    billing.clock.forward(days=28)
    (later,) = billing.documents(billing.run())
    assert days(later.invoice) == timedelta(0)


def test_the_plans_term_comes_before_that_of_the_entity(billing: Billing) -> None:
    """A plan gives 30 days, the entity 14; the payer's own 7 come before both."""
    patient = replace(PLAN, version=2, payment_days=30)
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(plan_versions={(PLAN.plan, 2): patient}))
        (contract,) = uow.subscriptions.load_subscriptions().values()
        key = SubscriptionKey("acme-patient")
        uow.subscriptions.save_subscriptions([replace(contract, key=key, version=2)])
        uow.commit()
    made = [one.invoice for one in billing.documents(billing.run(through=FEBRUARY_2))]
    document = next(one for one in made if one.subscription == key)
    assert days(document) == timedelta(days=30)
    told = verify_invoice(billing.caller, document.id, uow=billing.unit(), sources=billing.sources)
    assert isinstance(told, Done), told
    with billing.unit() as uow:
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        uow.accounts.save_accounts([replace(account, payment_days=7)])
        uow.commit()
    billing.clock.forward(days=28)
    later = billing.documents(billing.run())
    assert {days(one.invoice) for one in later} == {timedelta(days=7)}


def test_a_term_is_a_number_of_days_up_to_a_year() -> None:
    """Nothing below 0, nothing above 365, no words."""
    for term in (-1, 366, "net 30", True):
        entity = {"key": "m", "name": "M", "zone": "UTC", "currency": "EUR", "payment_days": term}
        outcome = plan_catalog(
            Documents(lists={"legal_entities": [entity]}),
            stored=Catalog(),
            at=instant("2026-01-01T00:00:00Z"),
        )
        assert isinstance(outcome, Refused)
        assert [problem.field for problem in outcome.problems] == ["legal_entities[0].payment_days"]
