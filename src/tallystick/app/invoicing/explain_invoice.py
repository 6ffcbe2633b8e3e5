"""Explains a document: each line down to its steps, quantity and window, and one line's events."""

from dataclasses import dataclass

from tallystick.app.command import Caller
from tallystick.app.invoicing.ports import BillingSources, StoredDocument
from tallystick.app.invoicing.read_invoices import load_shown
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
        sealed = uow.sealed.load(shown.value.invoice.subscription)
    invoice, basis = shown.value.invoice, read_basis(shown.value)
    lines = [line for line in invoice.lines if command.line in {None, line.id}]
    if command.line is not None and not lines:
        return refuse("unknown_line", f"the document has no line {command.line}", "line")
    trees = tuple(explain_line(invoice, basis, line) for line in lines)
    if any(one.document == invoice.id for one in sealed):
        return Done(Explanation(lines=trees, level=ProofLevel.SEALED))
    if command.line is None:
        return Done(Explanation(lines=trees))
    return Done(_with_events(command, trees, _Asked(basis=basis, line=lines[0]), sources))


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
class _Asked:
    basis: Basis
    line: Line


def _with_events(
    command: ExplainInvoice,
    trees: tuple[ExplainedLine, ...],
    asked: _Asked,
    sources: BillingSources,
) -> Explanation:
    query = line_query(asked.basis, asked.line)
    if query is None:
        return Explanation(lines=trees)
    limit = max(1, min(command.limit, PAGE_MAX))
    events = sources.usage.events(query, after_position=command.after_position, limit=limit)
    return Explanation(
        lines=trees,
        events=tuple(explain_events(events)),
        next_position=events[-1].position if len(events) == limit else None,
    )
