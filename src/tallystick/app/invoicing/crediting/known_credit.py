"""What is known of a payer's credit, as far as it may lower lines."""

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import CreditHistory
from tallystick.invoicing import lowering
from tallystick.kernel import AccountKey, Currency


def known_credit(
    uow: UnitOfWork, payer: AccountKey, unit: Currency, *, entity: str
) -> CreditHistory | None:
    """
    Return what of a payer's credit may lower lines of a legal entity in a currency; None: nothing.

    Nobody is kept from using it meanwhile: what is issued on it looks whether it is there still.
    """
    if not uow.money.with_grants([payer]):
        return None
    return lowering(uow.credits.load(payer), unit, entity=entity)
