"""Stores drafts with the basis on which each was made."""

from collections.abc import Sequence

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import Movement
from tallystick.invoicing import Basis, Billed, Invoice, basis_document, spent_by, with_spent
from tallystick.kernel import check, digest


def save_drafted(
    uow: UnitOfWork,
    drafts: Sequence[Invoice],
    basis: Basis,
    *,
    billed: Sequence[Billed],
    held: bool = False,
) -> tuple[Movement, ...]:
    """
    Store drafts of one contract that were made one after the other; return what credit they take.

    Where credit lowers them, each knows what those before it take of it.

    Raises:
        InvariantBroken: a draft was made on another basis.
    """
    if basis.credits is None:
        uow.invoices.save_drafts(drafts, basis=basis_document(basis), held=held)
        return ()
    known = [
        basis_document(with_spent(basis, spent_by(drafts[:place], basis, billed=billed)))
        for place in range(len(drafts) + 1)
    ]
    for place, draft in enumerate(drafts):
        own = [one for one in known[: place + 1] if digest(one) == draft.basis]
        check(bool(own), f"draft {draft.id} was made on another basis")
        uow.invoices.save_drafts([draft], basis=own[-1], held=held)
    return spent_by(drafts, basis, billed=billed)
