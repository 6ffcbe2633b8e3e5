"""Explains a document: each line down to its steps, quantity and window, and one line's events."""

from dataclasses import dataclass

import msgspec

from tallystick.app.command import Caller
from tallystick.app.invoicing.ports import BillingSources, StoredDocument
from tallystick.app.invoicing.read_invoices import load_shown
from tallystick.app.personal import read_back
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Basis,
    ExplainedEvent,
    ExplainedLine,
    Line,
    ProofLevel,
    basis_from_document,
    explain_events,
    explain_line,
    line_query,
)
from tallystick.kernel import Done, InvariantBroken, InvoiceId, Outcome, Refused, refuse

PAGE_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainInvoice:
    """
    Ask for the tree behind a document.

    Attributes:
        line: the id of one line, whose events are wanted too; None: all lines without events.
        after_position: events behind this position.
        limit: at most so many events.
    """

    invoice: InvoiceId
    line: str | None = None
    after_position: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    The trees of the lines asked for.

    Attributes:
        events: a page of events of the one line asked for.
        next_position: pass as ``after_position`` for the next page; None at the end.
        level: what the lines rest on; sealed rows have no events to show.
    """

    lines: tuple[ExplainedLine, ...]
    events: tuple[ExplainedEvent, ...] = ()
    next_position: int | None = None
    level: ProofLevel = ProofLevel.EVENTS


def explain_invoice(
    command: ExplainInvoice, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[Explanation]:
    """
    Return the trees behind a document's lines.

    Problems:
        forbidden, unknown_invoice: see `show_invoice`.
        unknown_line: the document has no such line.
    """
    with uow:
        shown = load_shown(caller, command.invoice, uow=uow)
        if isinstance(shown, Refused):
            return shown
        return _explained(command, shown.value, uow, sources)


def _explained(
    command: ExplainInvoice, shown: StoredDocument, uow: UnitOfWork, sources: BillingSources
) -> Outcome[Explanation]:
    invoice, basis = shown.invoice, read_basis(shown)
    sealed = [one for key in invoice.contracts for one in uow.sealed.load(key)]
    lines = [line for line in invoice.lines if command.line in {None, line.id}]
    if command.line is not None and not lines:
        return refuse("unknown_line", f"the document has no line {command.line}", "line")
    trees = tuple(explain_line(invoice, basis, line) for line in lines)
    if any(one.document == invoice.id for one in sealed):
        return Done(Explanation(lines=trees, level=ProofLevel.SEALED))
    if command.line is None:
        return Done(Explanation(lines=trees))
    page = _Page(basis=basis, line=lines[0], after=command.after_position, limit=command.limit)
    return Done(_with_events(page, trees, uow, sources))


def read_basis(document: StoredDocument) -> Basis:
    """
    Return the basis that is kept with a document.

    Raises:
        InvariantBroken: it cannot be read.
    """
    basis = basis_from_document(document.basis)
    if isinstance(basis, Refused):
        of, why = document.invoice.id, basis.problems[0].message
        raise InvariantBroken(f"the basis of document {of} cannot be read: {why}")
    return basis.value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    basis: Basis
    line: Line
    after: int
    limit: int


def _with_events(
    page: _Page, trees: tuple[ExplainedLine, ...], uow: UnitOfWork, sources: BillingSources
) -> Explanation:
    query = line_query(page.basis, page.line)
    if query is None:
        return Explanation(lines=trees)
    limit = max(1, min(page.limit, PAGE_MAX))
    events = sources.usage.events(query, after_position=page.after, limit=limit)
    told = zip(explain_events(events), read_back(uow, events), strict=True)
    return Explanation(
        lines=trees,
        events=tuple(
            msgspec.structs.replace(one, data=readable.event.data, erased=readable.erased)
            for one, readable in told
        ),
        next_position=events[-1].position if len(events) == limit else None,
    )
