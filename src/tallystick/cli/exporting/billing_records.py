"""`tallystick export billing-records`: documents as issued, payments, revenue per tenant."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.exits import Refusal
from tallystick.cli.exporting.folder import Folder, name_of, new_folder
from tallystick.cli.exporting.rows import csv_line
from tallystick.cli.output import progress_bar
from tallystick.client import Client, Request
from tallystick.invoicing import Invoice, invoice_from_document
from tallystick.kernel import Refused, counted
from tallystick.reports import REVENUE_COLUMNS, RevenueSum

FORMAT = "tallystick.billing-records/1"
DOCUMENTS = (
    "id", "number", "document_type", "account", "currency", "issued_on", "due_on", "net", "tax",
    "total", "file",
)  # fmt: skip
_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def billing_records(
    folder: Path = Path("billing-records"),
    /,
    *,
    account: str = "",
    replace: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Write issued documents, payments and revenue per tenant as a folder.

    Each document is written as it was issued, byte for byte, by the month of its issue;
    invoices.csv lists them, payments.ndjson holds a payment in each line with what became of it.
    The folder is there as a whole or not at all.

    For example:

        tallystick export billing-records
        tallystick export billing-records acme-2026 --account acme --replace

    Args:
        folder: Where to write.
        account: Only of this payer.
        replace: Replace an older export of billing.
        session: Which server is asked, and how its answer is written.
    """
    of = {"account": account} if account else {}
    revenue = RevenueSum()
    with (
        session.client() as client,
        new_folder(folder, kind=FORMAT, of=of, replace=replace) as made,
        progress_bar() as progress,
    ):
        task = progress.add_task("documents", total=None, said="")
        written = 0
        with made.file("invoices.csv") as index:
            index.write(csv_line(DOCUMENTS))
            for name, invoice in _documents(client, made, account):
                index.write(csv_line(_cells(name, invoice)))
                revenue.add(invoice)
                written += 1
                progress.advance(task)
        payments = _write_payments(client, made, account)
        with made.file("revenue-per-tenant.csv") as file:
            file.write(csv_line(REVENUE_COLUMNS))
            for row in revenue.rows():
                file.write(csv_line(row.row))
    told = {"folder": str(folder), "documents": written, "payments": payments, "files": made.files}
    said = f"{counted(written, 'document')}, {counted(payments, 'payment')}"
    session.answer(told, f"{folder}: {said}")


def _documents(client: Client, folder: Folder, account: str) -> Iterator[tuple[str, Invoice]]:
    """Write each issued document into a file of its own; yield its name and what it holds."""
    for each in items(client, "/v1/invoices", account=account):
        if each["number"] is None:
            continue
        content = client.fetch(Request(method="GET", path=f"/v1/invoices/{each['id']}")).content
        read = invoice_from_document(content)
        if isinstance(read, Refused):
            raise Refusal(read.problems)
        name = f"invoices/{str(each['issued_on'])[:7]}/{name_of(str(each['id']))}.json"
        folder.put(name, content)
        yield name, read.value


def _cells(name: str, invoice: Invoice) -> tuple[str, ...]:
    return (
        str(invoice.id),
        invoice.number or "",
        invoice.document_type.value,
        str(invoice.account),
        invoice.currency.code,
        str(invoice.issued_on or ""),
        str(invoice.due_on or ""),
        *(format(one.decimal, "f") for one in (invoice.net, invoice.tax, invoice.total)),
        name,
    )


def _write_payments(client: Client, folder: Folder, account: str) -> int:
    written = 0
    with folder.file("payments.ndjson") as file:
        for each in items(client, "/v1/payments", account=account):
            file.write(_encoder.encode(each) + b"\n")
            written += 1
    return written
