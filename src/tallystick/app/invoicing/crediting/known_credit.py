"""What is known of the credit that a contract may use, as far as it lowers lines."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import CreditHistory, joined
from tallystick.invoicing import lowering
from tallystick.kernel import AccountKey, Currency


def known_credit(
    uow: UnitOfWork,
    accounts: Sequence[AccountKey],
    unit: Currency,
    *,
    entity: str,
    granted: AbstractSet[AccountKey] | None = None,
) -> CreditHistory | None:
    """
    Return what of accounts' credit may lower lines of a legal entity in a currency; None: nothing.

    Nobody is kept from using it meanwhile: what is issued on it looks whether it is there still.

    Args:
        uow: open.
        accounts: that of the contract, and those above it up to the payer, in this order.
        unit: of the lines.
        entity: key of the legal entity.
        granted: which accounts were ever given credit, where that was asked for many of them.
    """
    holders = uow.money.with_grants(accounts) if granted is None else granted
    histories = (uow.credits.load(one) for one in accounts if one in holders)
    found = [own for one in histories if (own := lowering(one, unit, entity=entity)) is not None]
    return joined(found) if found else None
