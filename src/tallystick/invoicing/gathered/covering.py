"""
Credit on a document of several drafts: of all its lines at once, before its taxes.

Each draft was made as if it stood alone, with the credit that it would take then. Together they are
covered anew, on what documents made before them left: so a grant that is good for one section alone
serves it, and one that is good for all pays the others.

    grants: any 10.00, for the fee of acme-web alone 10.00; sections acme-web 10.00, acme-mail 10.00
    one by one     acme-web takes of the one for all, acme-mail finds nothing it may use
    together       both are covered
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tallystick.credits import Movement
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.credited import Credit, credited, knows_credit, with_spent
from tallystick.invoicing.gathered.consolidating import Drafted, consolidated
from tallystick.invoicing.replay import Billed
from tallystick.kernel import digest


def covered_together(
    drafts: Sequence[Drafted], *, billed: Iterable[Billed], spent: Sequence[Movement]
) -> Drafted:
    """
    Return the document that holds drafts, with what credit takes off its lines; without taxes.

    Args:
        drafts: as `consolidated` takes them, each on what was known of credit before all of them.
        billed: the lines of documents before it.
        spent: what documents made before it, and not recorded yet, take of credit.
    """
    whole = consolidated([_knowing(one, spent) for one in drafts])
    if not knows_credit(whole.basis):
        return whole
    own = (line for line in billed if line.payer == whole.invoice.account)
    credit = Credit(whole.basis, own)
    return replace(whole, invoice=credited(whole.invoice, credit))


def _knowing(draft: Drafted, spent: Sequence[Movement]) -> Drafted:
    if draft.basis.credits is None:
        return draft
    basis = with_spent(draft.basis, spent)
    return Drafted(invoice=replace(draft.invoice, basis=digest(basis_document(basis))), basis=basis)
