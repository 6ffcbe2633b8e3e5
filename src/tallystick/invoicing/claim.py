"""A document, and everything it says it follows from: what a verification is given."""

from dataclasses import dataclass

from tallystick.invoicing.audited import AuditedIssue
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.sealed import SealedUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A document, and everything it says it follows from.

    Attributes:
        invoice: the document.
        digest: of its canonical JSON.
        basis: the contract facts as they were kept with it.
        basis_digest: of the basis as it was kept.
        previous: the issued documents that settled something for the same keys before.
        sealed: what was sealed for the document, instead of events that are gone.
        audit: the audit record of the issue; None for a draft, or where it is not at hand.
    """

    invoice: Invoice
    digest: str
    basis: Basis
    basis_digest: str
    previous: tuple[Invoice, ...] = ()
    audit: AuditedIssue | None = None
    sealed: tuple[SealedUsage, ...] = ()

    @property
    def own(self) -> tuple[Invoice, ...]:
        """Return the documents before it that were issued to its payer: those that it corrects."""
        return tuple(one for one in self.previous if one.account == self.invoice.account)
