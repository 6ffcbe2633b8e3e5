"""
What a document must be in itself, before any of its lines is made again.

    basis       the document names the digest of the contract facts beside it
    parties     id, workspace, payer, issuer, subscription and currency are the contract's
    period      a document that opens or closes a period names one of the contract's, end and all
    kind        only a correction, a note, what is issued anew and what is for a threshold have a
                revision; a credit note,
                and nothing else, corrects a document, which stands among those before it, and
                gives back; what was ordered is what the order says
    issue       number, date of issue and due date come together, in order
    rules       the lines were rated by rules that are known here
    before      documents before it were issued, on the same contract and currency, each once; with
                taxes also those of contracts that shared a document with it
    sections    each is what its contract's document of the period must be, and names its facts
    lines       each charges another key, and none before it has come due
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from tallystick.invoicing.basis import Basis, named_payer
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.due import Item, item_of
from tallystick.invoicing.gathered.parts import (
    consolidated_id,
    section_claims,
    section_id,
    with_lines,
)
from tallystick.invoicing.invoice import (
    DocumentType,
    Invoice,
    Purpose,
    id_for_payer,
    invoice_id,
    note_id,
)
from tallystick.invoicing.line import Line, LineKind
from tallystick.invoicing.numbering import longest_term, plan_payment_days
from tallystick.invoicing.orders import Order, SaleOrder, VoidOrder
from tallystick.kernel import InvoiceId, Period, Problem, digest, time_zone
from tallystick.pricing import Price

RATING_VERSIONS = frozenset({"1"})
_ORDERED = frozenset({Purpose.VOID, Purpose.CREDIT})
_NOT_OF_A_PERIOD = _ORDERED | {Purpose.CORRECTION, Purpose.ONE_OFF}
_GIVES_BACK = _NOT_OF_A_PERIOD | {Purpose.CONSOLIDATED}
_WITH_ORDER = _ORDERED | {Purpose.ONE_OFF}
_TICK = timedelta(microseconds=1)


def document_problems(claim: Claim) -> Iterator[Problem]:
    """
    Yield what in a document contradicts its basis, the documents before it, or itself.

    Problems:
        different_basis, different_document, different_previous, repeated_line.
    """
    yield from _party_problems(claim)
    yield from _period_problems(claim)
    yield from _kind_problems(claim)
    yield from _section_problems(claim)
    yield from _issue_problems(claim.invoice)
    if claim.invoice.payment_days != (term := _expected_term(claim)):
        message = f"it gives {claim.invoice.payment_days} days to pay, its plan {term}"
        yield Problem(code="different_document", message=message, field="payment_days")
    yield from _previous_problems(claim)
    lines = claim.invoice.lines
    identities = [line.key.identity for line in lines if line.kind is LineKind.DERIVED]
    if len(set(identities)) < len(identities):
        message = "two lines charge the same price, period and group"
        yield Problem(code="repeated_line", message=message, field="lines")


def undue_problems(claim: Claim, line: Line, price: Price, *, place: str) -> Iterator[Problem]:
    """
    Yield a problem where a line's service period had not come due with the document.

    What a document before charged has been due; usage is due when the billing period around it is
    over, a fee in advance when that one begins; for a price with an interval of its own that is the
    billing period in which its own ends or begins; for a threshold, usage of the period that runs
    is due.
    """
    if _was_charged(claim, line):
        return
    invoice, period = claim.invoice, line.key.period
    closed = invoice.period.start if invoice.purpose is Purpose.OPENING else invoice.period.end
    closed = max(closed, _end_of_issue(claim, closed))
    item = item_of(claim.basis, price.key, period)
    within = invoice.purpose is Purpose.THRESHOLD and price.meter is not None
    due_at = None if item is None else item.billed.start if within else item.due_at
    if due_at is None or due_at > closed:
        message = f"{line.key}: this was not due on a document for {invoice.period}"
        yield Problem(code="undue_line", message=message, field=f"{place}.period")


def item_on(claim: Claim, line: Line) -> Item | None:
    """
    Return what the contract held of a line's price and period for its document; None if nothing.

    What was charged in advance and is due in arrears now is given back whole, for it is not due
    yet; the document of its period charges it again.  It is due later where it is due after the day
    of issue, or on a credit note which says that nothing is due, after the document that it
    corrects: which of several documents of one run a credit note was drafted with, it does not say.
    """
    invoice, item = claim.invoice, item_of(claim.basis, line.key.price, line.key.period)
    if item is None or invoice.purpose is Purpose.THRESHOLD or not _was_charged(claim, line):
        return item
    is_empty = line.measurement is None and not (line.quantity or line.exact.value)
    gives_back = is_empty and invoice.document_type is DocumentType.CREDIT_NOTE
    not_yet = item.due_at >= _end_of_issue(claim, item.due_at + _TICK)
    return None if not_yet or (gives_back and item.due_at > invoice.period.end) else item


def _was_charged(claim: Claim, line: Line) -> bool:
    """Tell whether a document before charged a line's price and period."""
    place = line.key.identity[:3]
    return any(place == one.key.identity[:3] for earlier in claim.own for one in earlier.lines)


def _end_of_issue(claim: Claim, unknown: datetime) -> datetime:
    """Return when the day of issue ends, in the zone of the issuer; a draft has none."""
    if claim.invoice.issued_on is None:
        return unknown
    zone = claim.basis.zone if claim.basis.issuer is None else claim.basis.issuer.zone
    day = claim.invoice.issued_on + timedelta(days=1)
    return datetime.combine(day, time(), time_zone(zone)).astimezone(UTC)


def _party_problems(claim: Claim) -> Iterator[Problem]:
    invoice, basis = claim.invoice, claim.basis
    if invoice.basis != claim.basis_digest:
        message = f"the document was made on {invoice.basis}, this basis is {claim.basis_digest}"
        yield Problem(code="different_basis", message=message, field="basis")
    expected_id = _expected_id(invoice, basis)
    for field, said, found in (
        ("id", invoice.id, expected_id),
        ("workspace", invoice.workspace, basis.workspace),
        ("account", invoice.account, basis.payer),
        ("legal_entity", invoice.legal_entity, basis.legal_entity),
        ("subscription", invoice.subscription, basis.subscription.key),
        ("currency", invoice.currency, basis.currency),
    ):
        if said != found:
            message = f"the document says {said}, its basis gives {found}"
            yield Problem(code="different_document", message=message, field=field)


def _expected_id(invoice: Invoice, basis: Basis) -> InvoiceId:
    if invoice.purpose in _ORDERED and invoice.reference is not None:
        return note_id(
            invoice.reference.invoice, purpose=invoice.purpose, revision=invoice.revision
        )
    if invoice.purpose is Purpose.CONSOLIDATED:
        return consolidated_id(
            basis.workspace,
            [section_id(basis.of(one.subscription), one) for one in invoice.sections],
        )
    first = invoice_id(
        basis.workspace,
        subscription=basis.subscription.key,
        period=invoice.period,
        purpose=invoice.purpose,
        revision=invoice.revision,
    )
    return id_for_payer(first, named_payer(basis))


def _expected_term(claim: Claim) -> int | None:
    """Return how long the plans give to pay; a note has what its document says."""
    invoice = claim.invoice
    if invoice.purpose in _ORDERED:
        return invoice.payment_days
    if invoice.sections:
        given = [
            plan_payment_days(claim.basis.of(one.subscription), one.period, one.purpose)
            for one in invoice.sections
        ]
        return longest_term(given, claim.basis.issuer)
    return plan_payment_days(claim.basis, invoice.period, invoice.purpose)


def _section_problems(claim: Claim) -> Iterator[Problem]:
    """Yield a problem for each thing that sections say and their contracts' facts do not."""
    invoice, ordered = claim.invoice, claim.invoice.purpose in _ORDERED
    is_whole = invoice.purpose is Purpose.CONSOLIDATED
    is_alone = is_whole and len(invoice.sections) <= 1
    if is_alone or (invoice.sections and not (is_whole or ordered)):
        message = f"a document of purpose {invoice.purpose.value} has {len(invoice.sections)} parts"
        yield Problem(code="different_document", message=message, field="sections")
    for index, (section, lines) in enumerate(with_lines(invoice)):
        basis, place = claim.basis.of(section.subscription), f"sections[{index}]"
        for field, said, found in (
            ("subscription", section.subscription, basis.subscription.key),
            ("account", section.account, basis.subscription.account),
            ("basis", section.basis, digest(basis_document(basis))),
            ("lines", {line.key.subscription for line in lines}, {section.subscription}),
        ):
            if said != found:
                message = f"the section says {said}, its basis gives {found}"
                yield Problem(code="different_document", message=message, field=f"{place}.{field}")
    if is_whole and invoice.sections:
        for one in section_claims(claim):
            yield from _party_problems(one)
            yield from _period_problems(one)
            yield from _kind_problems(one)


def _period_problems(claim: Claim) -> Iterator[Problem]:
    invoice = claim.invoice
    if invoice.purpose is Purpose.CONSOLIDATED:
        yield from _envelope_problems(invoice)
        return
    if invoice.purpose in _NOT_OF_A_PERIOD:
        return
    last = claim.basis.periods_of().last(invoice.period.start)
    if last is None or last.span != invoice.period:
        message = f"the contract has no period {invoice.period}"
        yield Problem(code="different_document", message=message, field="period")


def _envelope_problems(invoice: Invoice) -> Iterator[Problem]:
    """Yield a problem where a consolidated document has another period than its sections."""
    spans = [one.period for one in invoice.sections] or [invoice.period]
    found = Period(start=min(one.start for one in spans), end=max(one.end for one in spans))
    if invoice.period != found:
        message = f"the document is for {invoice.period}, its sections for {found}"
        yield Problem(code="different_document", message=message, field="period")


def _kind_problems(claim: Claim) -> Iterator[Problem]:
    invoice, reference = claim.invoice, claim.invoice.reference
    corrects = invoice.purpose in _NOT_OF_A_PERIOD
    is_one_of_several = corrects or invoice.purpose is Purpose.THRESHOLD
    is_revised = is_one_of_several or (
        invoice.replaces is not None and invoice.purpose is not Purpose.CONSOLIDATED
    )
    if is_revised is not (invoice.revision > 0):
        message = f"a document of purpose {invoice.purpose.value} is no revision {invoice.revision}"
        yield Problem(code="different_document", message=message, field="revision")
    is_credit_note = invoice.document_type is DocumentType.CREDIT_NOTE
    is_void = invoice.purpose is Purpose.VOID
    gives_back = invoice.purpose in _GIVES_BACK and (
        is_void or all(line.money.minor < 0 for line in invoice.lines)
    )
    if is_credit_note is not (reference is not None) or (is_credit_note and not gives_back):
        message = "a credit note gives back what one document charged, and nothing else does"
        yield Problem(code="different_document", message=message, field="document_type")
    for field, named in (("reference", reference), ("replaces", invoice.replaces)):
        if named is not None and all(
            (one.id, one.number, one.issued_on) != (named.invoice, named.number, named.issued_on)
            for one in claim.previous
        ):
            message = f"document {named.number} of its {field} is not among those before it"
            yield Problem(code="different_document", message=message, field=field)
    yield from _order_problems(claim)


def _order_problems(claim: Claim) -> Iterator[Problem]:
    """Yield a problem for each thing that a document says of its order and the order does not."""
    invoice, order = claim.invoice, claim.basis.order
    reference = None if invoice.reference is None else invoice.reference.invoice
    for field, said, ordered in (
        (
            "purpose",
            invoice.purpose if invoice.purpose in _WITH_ORDER else None,
            _purpose_of(order),
        ),
        ("credit_kind", invoice.credit_kind, getattr(order, "kind", None)),
        ("disposition", invoice.disposition, getattr(order, "disposition", None)),
        ("reason", invoice.reason, "" if order is None else order.reason),
        ("reference", reference, getattr(order, "document", None) if order else reference),
    ):
        if said != ordered:
            message = f"the document says {said}, it was ordered as {ordered}"
            yield Problem(code="different_document", message=message, field=field)


def _issue_problems(invoice: Invoice) -> Iterator[Problem]:
    issued_on, due_on = invoice.issued_on, invoice.due_on
    facts = (invoice.number is None, issued_on is None, due_on is None)
    if len(set(facts)) > 1 or (issued_on and due_on and due_on < issued_on):
        message = "number, date of issue and due date belong together, in this order"
        yield Problem(code="different_document", message=message, field="issued_on")
    if invoice.prepaid and (invoice.number is None or invoice.due.minor < 0):
        message = "only an issued document was paid before, and never more than it comes to"
        yield Problem(code="different_document", message=message, field="prepaid")
    if invoice.rating_version not in RATING_VERSIONS:
        message = f"it was rated by rules {invoice.rating_version[:40]!r}, which are not known here"
        yield Problem(code="different_document", message=message, field="rating_version")


def _previous_problems(claim: Claim) -> Iterator[Problem]:
    invoice = claim.invoice
    ids = [invoice.id, *(earlier.id for earlier in claim.previous)]
    if len(set(ids)) < len(ids):
        message = "a document stands twice among those before, or before itself"
        yield Problem(code="different_previous", message=message, field="previous")
    ours = (invoice.workspace, invoice.currency)
    shared = set(invoice.contracts)
    shared |= {key for one in claim.previous if one.sections for key in one.contracts}
    for index, earlier in enumerate(claim.previous):
        field = f"previous[{index}]"
        is_known = not shared.isdisjoint(earlier.contracts)
        if (earlier.workspace, earlier.currency) != ours or not is_known:
            message = f"document {earlier.id} belongs to another contract"
            yield Problem(code="different_previous", message=message, field=field)
        if earlier.number is None:
            message = f"document {earlier.id} was never issued"
            yield Problem(code="different_previous", message=message, field=field)


def _purpose_of(order: Order | None) -> Purpose | None:
    if order is None:
        return None
    if isinstance(order, SaleOrder):
        return Purpose.ONE_OFF
    return Purpose.VOID if isinstance(order, VoidOrder) else Purpose.CREDIT
