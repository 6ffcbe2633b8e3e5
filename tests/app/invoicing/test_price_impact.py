"""What a price edit would change is told before it is made: contracts, accounts, money."""

from dataclasses import replace
from decimal import Decimal

from tallystick.app.invoicing import PriceImpact, impact_of_prices
from tallystick.catalog import Documents, PlanVersion, plan_document
from tallystick.kernel import AccountKey, Done, Refused, SubscriptionKey
from tallystick.pricing import FlatPrice, Price
from tests.app.invoicing.billing import Billing
from tests.invoicing.world import CALLS_PRICE, CONTRACT, CPU_PRICE, FEE, PLAN, call, cpu

HOUR = "3600"


def version_2(*prices: Price) -> PlanVersion:
    """Return the next version of the plan."""
    return replace(PLAN, version=2, prices=prices)


def told(billing: Billing, *plans: PlanVersion) -> tuple[PriceImpact, ...]:
    """Return what plan versions would change."""
    documents = Documents(lists={"plans": [plan_document(plan) for plan in plans]})
    outcome = impact_of_prices(
        documents, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def dearer(price: Price, amount: str) -> Price:
    """Return a fee of another amount."""
    return replace(price, model=FlatPrice(amount=Decimal(amount)))


def test_a_price_edit_tells_contracts_accounts_and_money(billing: Billing) -> None:
    """The last whole period, as it was used, at the new prices beside the old ones."""
    used = [cpu(n, f"2026-01-{n:02}T00:00:00Z", str(3 * 3600)) for n in range(1, 5)]
    billing.record([*used, call(9, "2026-01-09T00:00:00Z")])
    fewer_free = replace(CPU_PRICE, allowance=Decimal(0))
    (impact,) = told(billing, version_2(dearer(FEE, "15"), fewer_free, CALLS_PRICE))
    # 12 hours: 10 at 0.05 and 1 at 0.04 behind one free, or 10 and 2; the fee; a package of calls.
    assert (impact.contracts, impact.accounts, impact.compared) == (1, 1, 1)
    assert (str(impact.before), str(impact.after)) == ("11.04 USD", "16.08 USD")
    (contract,) = impact.greatest
    assert contract.subscription == CONTRACT.key
    assert contract.difference == 504


def test_nothing_is_stored_and_nobody_moves(billing: Billing) -> None:
    """The contract is billed at its own version, and what was told can be told again."""
    edit = version_2(dearer(FEE, "15"))
    assert told(billing, edit) == told(billing, edit)
    billing.run()
    with billing.unit() as uow:
        stored = uow.subscriptions.load_subscription(CONTRACT.key)
        assert stored is not None
        assert stored.version == 1
        assert uow.catalog.load_plan_version(PLAN.plan, 2) is None


def test_an_edit_that_changes_no_money_says_so(billing: Billing) -> None:
    """Equal prices come to the same, and no contract differs."""
    (impact,) = told(billing, version_2(*PLAN.prices))
    assert impact.before == impact.after
    assert impact.greatest == ()


def test_a_contract_that_has_ended_does_not_count(billing: Billing) -> None:
    """Who has left is not concerned; a new plan concerns nobody."""
    with billing.unit() as uow:
        uow.subscriptions.save_subscriptions(
            [replace(CONTRACT, end=CONTRACT.start.replace(day=20))]
        )
        uow.commit()
    (impact,) = told(billing, version_2(*PLAN.prices))
    assert (impact.contracts, impact.compared, impact.before) == (0, 0, None)
    other = replace(PLAN, plan=type(PLAN.plan)("other"), version=1)
    assert told(billing, other) == ()


def test_two_contracts_of_one_account_are_one_account(billing: Billing) -> None:
    """Contracts and accounts are counted apart."""
    second = replace(CONTRACT, key=SubscriptionKey("acme-2"), account=AccountKey("acme"))
    with billing.unit() as uow:
        uow.subscriptions.save_subscriptions([second])
        uow.commit()
    (impact,) = told(billing, version_2(dearer(FEE, "11")))
    assert (impact.contracts, impact.accounts) == (2, 1)


def test_only_who_may_apply_is_told(billing: Billing) -> None:
    """What all contracts come to is for administrators."""
    caller = replace(billing.caller, scopes=frozenset({"read"}))
    documents = Documents(lists={"plans": [plan_document(version_2(FEE))]})
    outcome = impact_of_prices(
        documents, caller=caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(outcome, Refused)
