"""An invoice's PDF, beside the library alone that sets the very same page."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

import msgspec
import typst

from bench.rows import Row
from tallystick.app.invoicing import DocumentToWrite
from tallystick.catalog import DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.integrations.documents.page import page_of
from tallystick.integrations.documents.typesetting.attachment import Attachment
from tallystick.integrations.documents.typesetting.compiler import TEMPLATE
from tallystick.integrations.documents.typesetting.fonts import document_fonts
from tallystick.integrations.documents.usage_detail import MEDIA_TYPE, NAME, usage_detail
from tallystick.integrations.documents.view import view_of
from tallystick.invoicing import Figures, Invoice, charted_lines, document_of
from tallystick.kernel import Done, digest
from tests.integrations.documents.papers import (
    EVENTS,
    PARTIES,
    figures_of,
    invoice_of,
    past_of,
)
from tests.invoicing.world import call

PAGES = 40
REGIONS = 16  # with the fee, processor time and two regions more: 20 lines


def measure_documents() -> Iterator[Row]:
    """Yield one row: pages of twenty lines that have nothing but their frame in common."""
    invoices = [_invoice(number) for number in range(2 * PAGES + 1)]
    writer = PaperWriter(Path("none"))
    alone = typst.Compiler(input=TEMPLATE, font_paths=document_fonts(), ignore_system_fonts=True)

    seals = {one.number: digest(document_of(one)) for one in invoices}

    def ours(one: Invoice) -> bytes:
        document = DocumentToWrite(invoice=one, basis=PARTIES, digest=seals[one.number])
        outcome = writer.write(document, DocumentForm.PDF, language="en")
        assert isinstance(outcome, Done), outcome
        return outcome.value.content

    def library(one: Invoice) -> bytes:
        made = alone.compile(
            format="pdf",
            sys_inputs=inputs[one.number or ""],
            pdf_standards="a-3b",
            timestamp=datetime(2026, 2, 1, tzinfo=UTC),
        )
        assert isinstance(made, bytes)
        return made

    inputs = {one.number or "": _inputs(one) for one in invoices}
    assert ours(invoices[0]) == library(invoices[0])
    pairs = zip(invoices[1::2], invoices[2::2], strict=True)
    seconds = [(_timed(library, one), _timed(ours, other)) for one, other in pairs]
    theirs, own = (median(column) for column in zip(*seconds, strict=True))
    yield Row(
        work="invoice PDF, 20 lines, PDF/A-3b, figures attached",
        figure=f"{own * 1000:.1f} ms of processor",
        rival=f"Typst alone {theirs * 1000:.1f} ms",
        ratio=f"{own / theirs:.2f}",
        note=f"medians of {PAGES} pages each, bytes equal",
    )
    yield _with_charts(writer, invoices[1:], seals, beside=own)


def _with_charts(
    writer: PaperWriter,
    invoices: Sequence[Invoice],
    seals: Mapping[str | None, str],
    *,
    beside: float,
) -> Row:
    """Return the row of the same pages with five charts each, none of which was drawn before."""

    def ours(one: Invoice) -> bytes:
        document = DocumentToWrite(
            invoice=one, basis=PARTIES, digest=seals[one.number], figures=figures[one.number]
        )
        outcome = writer.write(document, DocumentForm.PDF, language="en")
        assert isinstance(outcome, Done), outcome
        return outcome.value.content

    figures = {one.number: _figures(one, at) for at, one in enumerate(invoices)}
    ours(invoices[0])  # the engine of charts is started once a process
    seconds = median(_timed(ours, one) for one in invoices[1:])
    return Row(
        work="the same with five charts",
        figure=f"{seconds * 1000:.1f} ms of processor",
        rival=f"without {beside * 1000:.1f} ms",
        ratio=f"{seconds / beside:.2f}",
        note=f"{(seconds - beside) * 200:.1f} ms a chart",
    )


def _figures(invoice: Invoice, number: int) -> Figures:
    """Return usage of a month for three lines, and eleven documents before."""
    first, *_ = figures_of(invoice, past=0).usage
    usage = tuple(
        replace(
            first,
            line=line.id,
            days=tuple((day, Decimal(at * number)) for at, (day, _) in enumerate(first.days)),
        )
        for line in charted_lines(invoice)
    )
    return Figures(usage=usage, past=past_of(invoice, count=11))


def _invoice(number: int) -> Invoice:
    calls = [call(50 + at, "2026-01-21T00:00:00Z", f"r{number}-{at}") for at in range(REGIONS)]
    invoice = invoice_of([*EVENTS, *calls])
    assert len(invoice.lines) == REGIONS + 4
    return replace(invoice, number=f"INV-2026-{number:06}")


def _inputs(invoice: Invoice) -> dict[str, str]:
    """Return what the template is given, made beforehand."""
    view = view_of(invoice, PARTIES)
    page = page_of(view, language="en", seal=digest(document_of(invoice)), attached=NAME)
    detail = Attachment(
        name=NAME,
        content=usage_detail(view),
        mime=MEDIA_TYPE,
        relationship="supplement",
        description=page.name,
    )
    return {
        "page": msgspec.json.encode(page).decode(),
        "files": msgspec.json.encode((detail,)).decode(),
        "logo": "",
    }


def _timed(work: Callable[[Invoice], bytes], invoice: Invoice) -> float:
    started = time.process_time()  # of all threads: others may be busy on the machine
    work(invoice)
    return time.process_time() - started
