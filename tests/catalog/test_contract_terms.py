"""What contracts agree on beyond a plan, in catalog files."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.catalog import (
    AddOn,
    Catalog,
    Documents,
    Subscription,
    Term,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done, PlanKey, Refused, SubscriptionKey, instant

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FEE = {"key": "base", "model": "flat", "amount": "10", "cadence": "advance"}
PLANS: list[dict[str, object]] = [
    {"version": 1, "currency": "EUR", "interval": "month", "prices": [FEE]} | each
    for each in (
        {"key": "pro", "name": "Pro"},
        {"key": "support", "name": "Support", "add_on": True, "adds_to": ["pro"]},
    )
]
PHASE_END: dict[str, object] = {"plan_prices": ["base"]}
CONTRACT: dict[str, object] = {
    "key": "acme-pro",
    "account": "acme",
    "plan": "pro",
    "version": 1,
    "legal_entity": "main",
    "start": "2026-01-01",
    "add_ons": [{"plan": "support", "version": 1, "quantity": 2, "until": "2026-06-01"}],
    "prices": [FEE | {"amount": "8"}],
    "changes": [
        {"at": "2026-07-01", "add_ons": [{"plan": "support", "version": 1}]},
        {"at": "2026-08-01", "plan_prices": ["base"]},
    ],
}
FILE: dict[str, list[object]] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
    "plans": [*PLANS],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "Asia/Tokyo", "currency": "EUR", "invoiced": True}
    ],
    "subscriptions": [CONTRACT],
}


def read(lists: dict[str, list[object]]) -> Catalog:
    """Return the catalog of documents without a mistake."""
    outcome = catalog_from_documents(Documents(lists=lists))
    assert isinstance(outcome, Done), outcome
    return outcome.value


def test_terms_are_read_with_dates_of_the_payer_and_written_back() -> None:
    """Add-ons and own prices come through a file; a date in them is the payer's midnight."""
    catalog = read(FILE)
    contract = catalog.subscriptions[SubscriptionKey("acme-pro")]
    (taken,) = contract.add_ons
    until = instant("2026-05-31T15:00:00Z")
    assert taken == AddOn(plan=PlanKey("support"), version=1, quantity=Decimal(2), until=until)
    assert [price.model for price in contract.prices] != []
    again = catalog_from_documents(catalog_documents(catalog))
    assert isinstance(again, Done), again
    assert again.value == catalog


def test_a_file_that_is_applied_again_changes_nothing() -> None:
    """What was read from a file is what planning finds stored."""
    outcome = plan_catalog(Documents(lists=FILE), stored=read(FILE), at=NOW)
    assert isinstance(outcome, Done), outcome
    assert {change.action.value for change in outcome.value.changes} == {"unchanged"}


def test_an_add_on_that_has_ended_does_not_hold_a_contract_to_its_plan() -> None:
    """Another plan may follow, to which it does not add, once it has ended; not before."""
    plans = [*PLANS, PLANS[0] | {"key": "team"}]
    contract = dict(CONTRACT)
    for at, accepted in (("2026-05-01", False), ("2026-06-01", True)):
        contract["changes"] = [{"at": at, "plan": "team", "version": 1}]
        lists = FILE | {"plans": plans, "subscriptions": [contract]}
        outcome = plan_catalog(Documents(lists=lists), stored=Catalog(), at=NOW)
        assert isinstance(outcome, Refused) is not accepted
        if isinstance(outcome, Refused):
            assert outcome.problems[0].field == "subscriptions[0].changes[0].plan"


def test_the_terms_a_contract_began_with_do_not_change() -> None:
    """What was agreed at the start is altered by a dated change, not by the file."""
    stored = read(FILE)
    contract = stored.subscriptions[SubscriptionKey("acme-pro")]
    other = replace(stored, subscriptions={contract.key: replace(contract, add_ons=())})
    outcome = plan_catalog(catalog_documents(other), stored=stored, at=NOW)
    assert isinstance(outcome, Refused)
    assert {problem.code for problem in outcome.problems} == {"in_use"}


def agreed(**more: object) -> Subscription:
    """Return a contract by calendar month that begins in the middle of one."""
    contract = {name: CONTRACT[name] for name in ("key", "account", "plan", "version")}
    contract |= {"legal_entity": "main", "start": "2026-01-15", **more}
    return read(FILE | {"subscriptions": [contract]}).subscriptions[SubscriptionKey("acme-pro")]


def test_phases_are_counted_in_billing_periods() -> None:
    """`after_periods` becomes the payer's midnight at which so many periods are over."""
    cheap = {"prices": [FEE | {"amount": "1"}]}
    contract = agreed(changes=[{"after_periods": 1, **cheap}, {"after_periods": 3, **PHASE_END}])
    assert [change.at for change in contract.changes] == [
        instant("2026-01-31T15:00:00Z"),
        instant("2026-03-31T15:00:00Z"),
    ]


def test_a_term_that_does_not_renew_ends_the_contract() -> None:
    """Its end follows from its periods, unless it is named; one that renews has none."""
    three = {"periods": 3}
    assert agreed(term=three).end == instant("2026-03-31T15:00:00Z")
    assert agreed(term=three, end="2026-02-01").end == instant("2026-01-31T15:00:00Z")
    renewing = agreed(term=three | {"renews": True, "notice_days": 30})
    assert (renewing.end, renewing.term) == (None, Term(periods=3, renews=True, notice_days=30))


def test_terms_blocks_and_first_use_are_written_back() -> None:
    """What is read of them is what is read from what was written."""
    blocks = [{"billing": True}, {"level": "account:acme", "entitlement": False}]
    contract = agreed(
        term={"periods": 3},
        usable_from="2026-01-01",
        changes=[{"at": "2026-02-01", "blocks": blocks, "fees": [{"key": "x", "amount": "1"}]}],
    )
    catalog = replace(read(FILE), subscriptions={contract.key: contract})
    again = catalog_from_documents(catalog_documents(catalog))
    assert isinstance(again, Done), again
    assert again.value == catalog
