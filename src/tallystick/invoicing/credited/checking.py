"""What credit takes off the lines of a document, made again for its verification."""

from collections.abc import Callable, Mapping

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.credited.covering import Credit, Open
from tallystick.invoicing.invoice import DocumentType
from tallystick.invoicing.line import Line, LineKind
from tallystick.invoicing.replay import Identity
from tallystick.invoicing.schedule import as_billed
from tallystick.kernel import InvariantBroken, Money
from tallystick.pricing import Charge, Unrateable


def credited_again(claim: Claim, remade: Callable[[Line], Charge]) -> Mapping[Identity, Charge]:
    """
    Return the charges of lines that credit lowers, by identity of the key.

    Args:
        claim: the document with its basis and what came before it.
        remade: a line's charge as its events give it, before credit.
    """
    if claim.basis.credits is None:
        return {}
    credit = Credit(claim.basis, as_billed(claim.previous))
    opens: list[Open] = []
    for line in claim.invoice.lines:
        if line.kind is LineKind.MANUAL:
            continue
        try:
            charge = remade(line)
        except (Unrateable, InvariantBroken):
            continue  # the line itself says what is wrong with it
        opens.append(Open(key=line.key, charge=charge, before=settled_before(claim, line)))
    found = {one.key.identity: credit.kept(one.key, one.charge) for one in opens}
    if claim.invoice.document_type is DocumentType.INVOICE:
        covered = credit.covered(claim.invoice.id, opens)
        found |= {identity: charge for identity, (charge, _) in covered.items()}
    return found


def settled_before(claim: Claim, line: Line) -> Money:
    """Return what documents before settled for the key of a line."""
    return sum(
        (
            earlier.money
            for document in claim.previous
            for earlier in document.lines
            if earlier.kind is LineKind.DERIVED and earlier.key.identity == line.key.identity
        ),
        Money(minor=0, currency=claim.invoice.currency),
    )
