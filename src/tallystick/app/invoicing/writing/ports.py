"""What charts ask of a store of documents."""

from typing import Protocol

from tallystick.invoicing import Invoice, PastDocument


class DocumentHistory(Protocol):
    """The documents that a payer was issued, in the order of issue."""

    def before(self, invoice: Invoice, *, limit: int) -> tuple[PastDocument, ...]:
        """
        Return the last documents of the same issuer, payer and currency before one.

        Of an issued document those that were issued before it, so that the answer stays as it is;
        of a draft all that are issued by now. In the order of issue, at most ``limit``.
        """
        ...
