"""
Issuing drafts: check, number last, post to the journal, announce.

Everything happens in the caller's transaction.  The number is taken when all else is ready, so the
series is locked only until the commit that follows, and a rollback gives the number back.

What is checked before: that a draft reads back as what it is, always; and that it can be written in
each form that its legal entity demands (``document_forms``), under a number that nobody gets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from tallystick.accounts import Account, zone_at
from tallystick.app.invoicing.announcing import invoice_generated
from tallystick.app.invoicing.crediting.draw_deposits import draw_deposits
from tallystick.app.invoicing.crediting.holding import hold_credit
from tallystick.app.invoicing.crediting.take_back_sold import (
    TakenBack,
    book_taken_back,
    take_back_sold,
)
from tallystick.app.invoicing.crediting.take_credit import (
    TakenCredit,
    book_credit,
    take_credit,
)
from tallystick.app.invoicing.document_writer import DocumentToWrite, DocumentWriter
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.ports import (
    NumberedDocument,
)
from tallystick.app.outbox import Message
from tallystick.app.payments import IssuedDocument, Settlement, carry_out, plan_settlement
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind
from tallystick.catalog import DocumentDate, LegalEntity
from tallystick.invoicing import (
    Deferral,
    DocumentType,
    Invoice,
    LineKey,
    PostingFacts,
    Prepaid,
    Series,
    deferrals_of,
    divide_lines,
    document_date,
    document_of,
    due_date,
    invoice_from_document,
    issue_date,
    issued,
    journal_for,
    number_text,
    series_of,
    unused_number,
)
from tallystick.kernel import (
    Done,
    EntryId,
    InvariantBroken,
    Outcome,
    Problem,
    Refused,
    TallystickError,
    digest,
    refuse,
)
from tallystick.ledger import Books, Entry

OF_ANOTHER_DAY = frozenset({"stale_draft", "issue_date_decreases"})
"""Problems that may mean only that the issuer's midnight passed since: who drafts anew is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """When documents are issued, who writes them; ``trace_id`` goes with the announcement."""

    at: datetime
    writer: DocumentWriter
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Issuing):
    """By whom, when and how documents are issued."""

    entity: LegalEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Money:
    """What happens to money at hand, and to credit, as documents are issued."""

    plan: Settlement
    credit: tuple[TakenCredit, ...]
    back: tuple[TakenBack, ...]


def issue_drafts(
    uow: UnitOfWork, drafts: Sequence[Invoice], issue: Issue
) -> Outcome[tuple[NumberedDocument, ...]]:
    """
    Issue drafts that are stored, in their order, and return them as issued.

    Args:
        uow: open.
        drafts: of one legal entity, of one contract or of many.
        issue: by whom and when.

    Problems:
        issue_date_decreases: the series holds a later date; nothing may be committed.
        stale_draft: taxes or exchange rates of a draft are those of another day of issue.
        unsound_draft: a draft does not read back as what it is; no number is taken.
        credit_used: a note takes back more credit than nobody used of what its document sold.
        Those of `DocumentWriter.write`: a draft cannot be written in a form that is demanded.
    """
    for draft in drafts:
        problem = _unsound_problem(draft)
        if problem is not None:
            return Refused((problem,))
    # First of all locks: whoever holds a series or the books waits for no payer.
    purses = hold_credit(uow, drafts)
    taken = take_credit(uow, drafts, purses, at=issue.at)
    if isinstance(taken, Refused):
        return taken
    back = take_back_sold(uow, drafts, at=issue.at)
    if isinstance(back, Refused):
        return back
    deposits, drawn = draw_deposits(uow, drafts, purses, at=issue.at)
    uow.money.lock(draft.account for draft in drafts)
    concerned = [_issued_document(draft) for draft in drafts]
    entity = issue.entity.key
    plan = plan_settlement(uow, concerned, entity=entity, at=issue.at, drawn=drawn)
    drafts = [_with_prepaid(draft, plan) for draft in drafts]
    for draft in drafts:
        problem = _unwritable_problem(uow, draft, issue)
        if problem is not None:
            return Refused((problem,))
    done: dict[str, NumberedDocument] = {}
    for kind in DocumentType:
        chosen = [draft for draft in drafts if draft.document_type is kind]
        if not chosen:
            continue
        outcome = _issue_series(uow, chosen, issue, kind=kind)
        if isinstance(outcome, Refused):
            return outcome
        done |= {document.invoice.id: document for document in outcome.value}
    documents = tuple(done[draft.id] for draft in drafts)
    uow.invoices.issue(documents)
    # Only now, with every number taken: whoever holds the books never waits for a series.
    credit = (*taken.value, *deposits)
    _post(uow, documents, issue, _Money(plan=plan, credit=credit, back=back.value))
    return Done(documents)


def _unsound_problem(draft: Invoice) -> Problem | None:
    """Return why a draft must not get a number: what would be kept is not what is issued."""
    try:
        content = document_of(draft)
        read = invoice_from_document(content)
    except (TallystickError, ArithmeticError) as error:
        message = f"draft {draft.id} cannot be written: {error}"
        return Problem(code="unsound_draft", message=message, field="invoice")
    if isinstance(read, Done) and (read.value == draft or document_of(read.value) == content):
        return None
    why = read.problems[0].message if isinstance(read, Refused) else "it reads back as another one"
    return Problem(code="unsound_draft", message=f"draft {draft.id}: {why}", field="invoice")


def _unwritable_problem(uow: UnitOfWork, draft: Invoice, issue: Issue) -> Problem | None:
    """Return why a draft cannot be written as its issuer demands; None if it can."""
    if not issue.entity.issuing.forms:
        return None
    stored = uow.invoices.load_document(draft.id)
    if stored is None:
        raise InvariantBroken(f"{draft.id} is to be issued and is not stored")
    today, is_test = issue_date(issue.at, issue.entity), _is_test(uow)
    series = series_of(issue.entity, draft.document_type, today, test=is_test)
    due_on = due_date(today, payment_days=_payment_days(uow, draft, issue))
    numbered = issued(draft, number=unused_number(series), issued_on=today, due_on=due_on)
    document = DocumentToWrite(
        invoice=numbered, basis=read_basis(stored), digest=stored.digest, is_test=is_test
    )
    for form in issue.entity.issuing.forms:
        written = issue.writer.write(document, form, language="")
        if isinstance(written, Refused):
            first = written.problems[0]
            return replace(
                first, message=f"{draft.id} cannot be written as {form}: {first.message}"
            )
    return None


def _is_test(uow: UnitOfWork) -> bool:
    workspace = uow.workspaces.current()
    return workspace is not None and workspace.kind is WorkspaceKind.TEST


def _issue_series(
    uow: UnitOfWork, drafts: Sequence[Invoice], issue: Issue, *, kind: DocumentType
) -> Outcome[list[NumberedDocument]]:
    is_test = _is_test(uow)
    today = issue_date(issue.at, issue.entity)
    for draft in drafts:
        if draft.taxed_on not in {None, today}:
            message = f"{draft.id} was drafted with the taxes of {draft.taxed_on}; draft it again"
            return refuse("stale_draft", message, "invoice")
        if draft.converted_on not in {None, today}:
            message = f"{draft.id} was drafted at the rates of {draft.converted_on}; draft it again"
            return refuse("stale_draft", message, "invoice")
    done: list[NumberedDocument] = []
    for issued_on, of_day in groupby(
        zip(drafts, _dates(uow, drafts, issue, today=today), strict=True), key=itemgetter(1)
    ):
        chosen = [draft for draft, _ in of_day]
        series = series_of(issue.entity, kind, issued_on, test=is_test)
        taken = uow.series.take(series, count=len(chosen), issued_on=issued_on)
        if isinstance(taken, Refused):
            return taken
        done += [
            _numbered(
                issued(
                    draft,
                    number=number_text(series, number),
                    issued_on=issued_on,
                    due_on=due_date(issued_on, payment_days=_payment_days(uow, draft, issue)),
                ),
                series,
                number,
                issue=issue,
            )
            for number, draft in enumerate(chosen, start=taken.value)
        ]
    return Done(done)


def _dates(
    uow: UnitOfWork, drafts: Sequence[Invoice], issue: Issue, *, today: date
) -> Iterator[date]:
    """Yield the date of each document of a series, none before the one before it."""
    if issue.entity.issuing.dated is DocumentDate.ISSUE:
        yield from (today for _ in drafts)
        return
    last = uow.series.last_date(issue.entity.key, drafts[0].document_type)
    for draft in drafts:
        payer = uow.accounts.load_account(draft.account)
        zone = issue.entity.zone if payer is None else zone_at(payer, draft.period.start)
        wanted = document_date(issue.entity, draft, today=today, zone=zone)
        last = wanted if last is None else max(last, wanted)
        yield last


def _payment_days(uow: UnitOfWork, draft: Invoice, issue: Issue) -> int:
    """Return how long the payer has to pay: its own term, its plan's, or that of the entity."""
    payer = uow.accounts.load_account(draft.account)
    own = None if payer is None else payer.payment_days
    given = (own, draft.payment_days, issue.entity.issuing.payment_days)
    return next(days for days in given if days is not None)


def _numbered(invoice: Invoice, series: Series, number: int, *, issue: Issue) -> NumberedDocument:
    content = document_of(invoice)
    return NumberedDocument(
        invoice=invoice,
        content=content,
        digest=digest(content),
        issued_at=issue.at,
        series=series,
        series_number=number,
    )


def _post(
    uow: UnitOfWork, documents: Sequence[NumberedDocument], issue: Issue, money: _Money
) -> None:
    """Post each document's entry, note what of it is earned in which month, and announce it."""
    entity = issue.entity
    locked = uow.journal.hold(entity.key)
    books = Books(key=entity.key, zone=entity.zone, locked_through=locked)
    invoices = [document.invoice for document in documents]
    concerned = {invoice.id: _concerned(invoice, at=issue.at) for invoice in invoices}
    waiting: dict[object, list[Deferral]] = {}
    for one in uow.deferrals.load(key for keys in concerned.values() for key in keys):
        waiting.setdefault(_place(one.key), []).append(one)
    entries: list[Entry] = []
    parts: dict[EntryId, Sequence[Deferral]] = {}
    for invoice in invoices:
        places = dict.fromkeys(map(_place, concerned[invoice.id]))
        facts = PostingFacts(
            effective_at=issue.at,
            books=books,
            payer=_payer(uow, invoice),
            deferred=tuple(one for place in places for one in waiting.get(place, ())),
        )
        divisions = divide_lines(invoice, facts)
        entry = journal_for(invoice, facts, divisions=divisions)
        if entry is not None:
            entries.append(entry)
            parts[entry.id] = deferrals_of(invoice, divisions)
            for part in parts[entry.id]:
                waiting.setdefault(_place(part.key), []).append(part)
    if entries:
        uow.journal.post_all(entries)
        uow.deferrals.add_all(parts, books=books.key)
    uow.outbox.put_all([each for one in invoices for each in _announcements(one, issue)])
    book_credit(uow, money.credit, books=books, at=issue.at)
    book_taken_back(uow, money.back)
    carry_out(uow, money.plan, entity=entity, books=books, at=issue.at)


def _with_prepaid(draft: Invoice, plan: Settlement) -> Invoice:
    """Return a draft that says what is paid of it as it is issued."""
    paid = plan.paid(draft.id)
    return replace(
        draft, prepaid=tuple(Prepaid(source=one.source, money=one.money) for one in paid)
    )


def _issued_document(invoice: Invoice) -> IssuedDocument:
    return IssuedDocument(
        id=invoice.id,
        account=invoice.account,
        total=invoice.total,
        corrects=None if invoice.reference is None else invoice.reference.invoice,
        replaces=None if invoice.replaces is None else invoice.replaces.invoice,
    )


def _concerned(invoice: Invoice, *, at: datetime) -> tuple[LineKey, ...]:
    """Return the keys of lines that may add to what waits for later months, or take from it."""
    return tuple(
        line.key for line in invoice.lines if line.key.period.end > at or line.money.minor < 0
    )


def _place(key: LineKey) -> tuple[str, str, datetime]:
    return (key.subscription, key.price, key.period.start)


def _payer(uow: UnitOfWork, invoice: Invoice) -> Account:
    payer = uow.accounts.load_account(invoice.account)
    if payer is None:
        raise InvariantBroken(f"{invoice.id} is for {invoice.account}, who is not known")
    return payer


def _announcements(invoice: Invoice, issue: Issue) -> Iterator[Message]:
    yield Message(
        workspace=invoice.workspace,
        id=f"issued:{invoice.id}",
        topic=f"{invoice.document_type}.issued",
        payload={"id": invoice.id, "number": invoice.number, "account": invoice.account},
        due_at=issue.at,
        trace_id=issue.trace_id,
    )
    if invoice.document_type is DocumentType.INVOICE:
        yield invoice_generated(invoice, at=issue.at, trace_id=issue.trace_id)
