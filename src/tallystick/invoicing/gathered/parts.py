"""
A consolidated document seen as the documents of its contracts, for all that looks at one contract.

Replay, rating and verification know contracts alone.  So a section is looked at as the document
that its contract would have had: it has the section's period, purpose, revision and lines, and the
number, dates and reference of the whole.  Its taxes are its part of those of the whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tallystick.invoicing.basis import Basis, named_payer
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.invoice import Invoice, Purpose, Section, id_for_payer, invoice_id
from tallystick.invoicing.line import Line
from tallystick.kernel import InvoiceId, SubscriptionKey, WorkspaceId, derived_id, digest


def consolidated_id(workspace: WorkspaceId, sections: Iterable[InvoiceId]) -> InvoiceId:
    """Return the id of the document that holds these documents of contracts, in this order."""
    return InvoiceId(derived_id("inv", workspace, Purpose.CONSOLIDATED, *sections))


def section_id(basis: Basis, section: Section) -> InvoiceId:
    """Return the id that a section's document would have had alone; ``basis``: its contract's."""
    first = invoice_id(
        basis.workspace,
        subscription=section.subscription,
        period=section.period,
        purpose=section.purpose,
        revision=section.revision,
    )
    return id_for_payer(first, named_payer(basis))


def with_lines(invoice: Invoice) -> Iterator[tuple[Section, tuple[Line, ...]]]:
    """Yield each section of a document with its lines."""
    begin = 0
    for section in invoice.sections:
        yield section, invoice.lines[begin : begin + section.lines]
        begin += section.lines


def sections_of(invoice: Invoice, basis: Basis) -> tuple[Invoice, ...]:
    """Return the sections of a consolidated document as documents, in their order."""
    return tuple(
        replace(
            invoice,
            id=section_id(basis.of(section.subscription), section),
            purpose=section.purpose,
            revision=section.revision,
            subscription=section.subscription,
            period=section.period,
            lines=lines,
            basis=section.basis,
            payment_days=None,
            prepaid=(),
            sections=(),
        )
        for section, lines in with_lines(invoice)
    )


def of_contract(invoice: Invoice, subscription: SubscriptionKey) -> Invoice | None:
    """
    Return what a document holds of one contract, under its own id; None: nothing.

    A document that is not consolidated is returned as it is, if it is the contract's.
    """
    if not invoice.sections:
        return invoice if invoice.subscription == subscription else None
    own = [
        (section, lines)
        for section, lines in with_lines(invoice)
        if section.subscription == subscription
    ]
    if not own:
        return None
    return replace(
        invoice,
        subscription=subscription,
        lines=tuple(line for _, lines in own for line in lines),
        sections=tuple(section for section, _ in own),
    )


def kept_sections(invoice: Invoice, kept: Iterable[Line]) -> tuple[Section, ...]:
    """Return the sections of a document with as many lines as a note has of them; none without."""
    ids = {line.key.identity for line in kept}
    counted = (
        replace(section, lines=sum(line.key.identity in ids for line in lines))
        for section, lines in with_lines(invoice)
    )
    return tuple(section for section in counted if section.lines)


def section_claims(claim: Claim) -> tuple[Claim, ...]:
    """
    Return what a consolidated document claims of each contract and period, in its order.

    A section rests on the documents before it, as far as they are its contract's, and on the
    sections of its contract that stand above it.
    """
    claims: list[Claim] = []
    for at, section in enumerate(sections_of(claim.invoice, claim.basis)):
        basis = claim.basis.of(section.subscription)
        above = replace(
            claim.invoice,
            sections=claim.invoice.sections[:at],
            lines=claim.invoice.lines[: sum(one.lines for one in claim.invoice.sections[:at])],
        )
        claims.append(
            replace(
                claim,
                invoice=section,
                basis=basis,
                basis_digest=digest(basis_document(basis)),
                previous=previous_of((*claim.previous, above), section.subscription),
                sealed=tuple(
                    replace(one, document=section.id)
                    for one in claim.sealed
                    if one.subscription == section.subscription
                ),
            )
        )
    return tuple(claims)


def previous_of(documents: Iterable[Invoice], subscription: SubscriptionKey) -> tuple[Invoice, ...]:
    """Return what documents hold of one contract, in their order."""
    found = (of_contract(one, subscription) for one in documents)
    return tuple(one for one in found if one is not None)
