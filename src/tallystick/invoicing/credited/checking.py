"""What credit takes off the lines of a document, made again for its verification."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.credited.covering import Credit, Open, without_credit
from tallystick.invoicing.credited.movements import knows_credit
from tallystick.invoicing.invoice import DocumentType
from tallystick.invoicing.line import Line, LineKind
from tallystick.invoicing.replay import Identity
from tallystick.invoicing.schedule import as_billed
from tallystick.kernel import InvariantBroken, Money
from tallystick.pricing import Charge, Unrateable

Remade: TypeAlias = Callable[[Line], Charge | None]


def credited_again(claim: Claim, remade: Remade) -> Mapping[Identity, Charge]:
    """
    Return what the lines of a document come to with credit, by identity of the key.

    Args:
        claim: the document with its basis and what came before it.
        remade: a line's charge as its events give it, before credit; None: as the line says it.
    """
    if not knows_credit(claim.basis):
        return {}
    credit = Credit(claim.basis, as_billed(claim.own))
    opens: list[Open] = []
    for line in claim.invoice.lines:
        if line.kind is LineKind.MANUAL or line.charge is None:
            continue
        try:
            charge = remade(line) or without_credit(line.charge)
        except (Unrateable, InvariantBroken):
            continue  # the line itself says what is wrong with it
        opens.append(Open(key=line.key, charge=charge, before=line.settled_before))
    if claim.invoice.document_type is DocumentType.INVOICE:
        return credit.net(claim.invoice.id, opens)
    return {one.key.identity: credit.kept(one.key, one.charge) for one in opens}


def settled_before(claim: Claim, line: Line) -> Money:
    """Return what documents before settled for the key of a line."""
    return sum(
        (
            earlier.money
            for document in claim.own
            for earlier in document.lines
            if earlier.kind is LineKind.DERIVED and earlier.key.identity == line.key.identity
        ),
        Money(minor=0, currency=claim.invoice.currency),
    )
