"""
Revenue per tenant: what issued documents come to, by whom it is for, month of issue and currency.

    acme, March 2026    invoice 299.00    credit note -154.32    invoice 309.16
        invoiced 608.16    credited -154.32    net 453.84

A consolidated document is the revenue of each account that has a section in it, not of its payer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tallystick.invoicing import DocumentType, Invoice
from tallystick.kernel import Currency, Money, check

REVENUE_COLUMNS = (
    "tenant", "month", "currency", "documents", "invoiced_net", "credited_net", "net", "tax",
    "total",
)  # fmt: skip
_Place = tuple[str, str, Currency]


@dataclass(slots=True, kw_only=True)
class _Sum:
    invoiced: Money
    credited: Money
    tax: Money
    documents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """
    What one tenant's documents of a month come to in a currency.

    Attributes:
        tenant: key of the account.
        month: of the date of issue, as ``2026-03``.
        documents: how many of them hold something of it.
        invoiced: net of invoices; without tax.
        credited: net of credit notes; negative, or nothing.
        tax: on both.
    """

    tenant: str
    month: str
    documents: int
    invoiced: Money
    credited: Money
    tax: Money

    @property
    def net(self) -> Money:
        """Return what remains without tax."""
        return self.invoiced + self.credited

    @property
    def row(self) -> tuple[str, ...]:
        """Return the texts of `REVENUE_COLUMNS`."""
        sums = (self.invoiced, self.credited, self.net, self.tax, self.net + self.tax)
        return (
            self.tenant,
            self.month,
            self.net.currency.code,
            str(self.documents),
            *(format(one.decimal, "f") for one in sums),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueSum:
    """Adds up documents one after the other; it keeps a row per tenant, month and currency."""

    _sums: dict[_Place, _Sum] = field(default_factory=dict)

    def add(self, invoice: Invoice) -> None:
        """
        Count a document.

        Raises:
            InvariantBroken: it is a draft.
        """
        check(invoice.issued_on is not None, "only issued documents are revenue")
        month, nothing = f"{invoice.issued_on:%Y-%m}", Money(minor=0, currency=invoice.currency)
        empty = _Sum(invoiced=nothing, credited=nothing, tax=nothing)
        credited = invoice.document_type is DocumentType.CREDIT_NOTE
        touched = {}
        for account, line in zip(_accounts(invoice), invoice.lines, strict=True):
            place = (account, month, invoice.currency)
            one = touched[place] = self._sums.setdefault(place, replace(empty))
            if credited:
                one.credited += line.net
            else:
                one.invoiced += line.net
            one.tax = sum((tax.money for tax in line.taxes), one.tax)
        for one in touched.values():
            one.documents += 1

    def rows(self) -> Iterator[Revenue]:
        """Yield the sums by tenant, month and currency."""
        for place in sorted(self._sums, key=lambda one: (*one[:2], one[2].code)):
            one = self._sums[place]
            yield Revenue(
                tenant=place[0],
                month=place[1],
                documents=one.documents,
                invoiced=one.invoiced,
                credited=one.credited,
                tax=one.tax,
            )


def _accounts(invoice: Invoice) -> Iterator[str]:
    """Yield of each line whose it is."""
    if not invoice.sections:
        yield from (str(invoice.account) for _ in invoice.lines)
    for section in invoice.sections:
        yield from (str(section.account) for _ in range(section.lines))
