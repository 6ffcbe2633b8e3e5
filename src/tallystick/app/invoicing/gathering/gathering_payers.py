"""Which payers have documents that come together, or wait for the least invoice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tallystick.accounts import Account, is_ever_invoiced
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.kernel import AccountKey, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringPayers:
    """
    Whose documents are drafted together; few or none in most workspaces.

    Attributes:
        accounts: those that declare it; where a legal entity declares a least invoice, all that are
            invoiced.
        contracts: those that stand on consolidated documents. What one of them corrects there, the
            next one counts in its taxes, also when they come together no more.
    """

    accounts: Mapping[AccountKey, Account] = field(default_factory=dict)
    contracts: frozenset[SubscriptionKey] = frozenset()

    def find(
        self, payer: AccountKey, subscriptions: Iterable[Subscription], uow: UnitOfWork
    ) -> Account | None:
        """Return a payer whose documents are drafted together; None: one by one."""
        found = self.accounts.get(payer)
        if found is None and any(one.key in self.contracts for one in subscriptions):
            return uow.accounts.load_account(payer)
        return found


def gathering_payers(uow: UnitOfWork, definitions: Catalog) -> GatheringPayers:
    """Return whose documents are drafted together, in a unit of work that is open."""
    contracts = uow.shared.contracts()
    if any(one.issuing.least_invoice for one in definitions.legal_entities.values()):
        accounts = uow.accounts.load_accounts()
        invoiced = {key: one for key, one in accounts.items() if is_ever_invoiced(one)}
        return GatheringPayers(accounts=invoiced, contracts=contracts)
    return GatheringPayers(accounts=uow.accounts.load_gathering(), contracts=contracts)
