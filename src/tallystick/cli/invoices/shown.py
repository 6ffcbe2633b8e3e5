"""A document as a terminal shows it."""

from collections.abc import Iterable
from decimal import Decimal

from rich.table import Table

from tallystick.cli.connection import Item
from tallystick.cli.output import table
from tallystick.invoicing import InvoiceDocument, conversion_text, shown


def _money(plain: str, document: InvoiceDocument) -> str:
    """Return plain decimal text with the places of the document's currency."""
    return f"{Decimal(plain):.{document.currency_exponent}f}"


def _taxes_shown(document: InvoiceDocument) -> list[str]:
    """Return the net of a document and a line for each of its taxes; nothing where it has none."""
    if not document.taxes:
        return []
    lines = [f"net {_money(document.net, document)} {document.currency}"]
    for one in document.taxes:
        place = "-".join(part for part in (one.country, one.region) if part)
        within = " within the prices" if one.inclusive else ""
        why = f", {one.reason}" if one.reason else ""
        lines.append(
            f"{one.tax} {place} {one.rate} % ({one.category.value}{why}){within} on "
            f"{_money(one.net, document)}: {_money(one.money, document)} {document.currency}"
        )
    return lines


def _rates_shown(document: InvoiceDocument) -> list[str]:
    """Return a line for each line that was converted: at which rate, the latest known or not."""
    return [
        f"{line.description}: {conversion_text(line.conversion)}"
        for line in document.lines
        if line.conversion is not None
    ]


def document_shown(document: InvoiceDocument) -> tuple[str | Table, ...]:
    """Return a document with its lines, taxes and total, as a terminal shows it."""
    head = (
        f"{document.document_type} {document.number or '(not issued)'}  {document.id}\n"
        f"for {document.account}, {_contracts_shown(document)}, "
        f"{document.period.start} to {document.period.end}"
    )
    rows = [
        [
            line.id,
            line.description,
            shown(line.quantity),
            line.unit,
            shown(line.exact),
            _money(line.money, document),
        ]
        for line in document.lines
    ]
    columns = ["line", "", "quantity#", "unit", "exact#", f"{document.currency}#"]
    return (
        head,
        table("", columns, rows),
        *_rates_shown(document),
        *_taxes_shown(document),
        f"total {_money(document.total, document)} {document.currency}",
        *_due_shown(document),
    )


def _contracts_shown(document: InvoiceDocument) -> str:
    """Return whose contract a document is of; of a consolidated one each, in its order."""
    if not document.sections:
        return f"subscription {document.subscription}"
    names = dict.fromkeys(one.subscription for one in document.sections)
    return f"subscriptions {', '.join(names)}"


def _due_shown(document: InvoiceDocument) -> list[str]:
    """Return what was paid before the issue and what was left; nothing where nothing was."""
    if not document.prepaid:
        return []
    paid = [
        f"paid before by {one.source} {_money(one.money, document)} {document.currency}"
        for one in document.prepaid
    ]
    return [*paid, f"left to pay {_money(document.due, document)} {document.currency}"]


def lines_shown(documents: Iterable[InvoiceDocument]) -> list[Item]:
    """Return the lines of documents that would be issued, a row each, for a terminal."""
    return [
        {
            "document": document.document_type.value,
            "line": f"{line.description}, {line.period.start[:10]} to {line.period.end[:10]}",
            "money": _money(line.money, document),
            "currency": document.currency,
        }
        for document in documents
        for line in document.lines
    ]
