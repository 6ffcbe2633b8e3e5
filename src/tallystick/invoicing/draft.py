"""
Drafting: from facts to documents, with nothing else in between.

The same facts give the same documents, to the byte, on any machine and in whatever order the events
came.  A draft holds every key that is due, zero or not, then adjustments of closed periods that
come to more, then what persons ordered; what comes to less becomes one credit note for each
document that charged it.

Taxes follow from the lines (`taxed`): first those of the invoice, then those of the credit notes,
which are issued behind it.

Not here: numbers and dates of issue (`numbering`), the journal (`posting`).
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from tallystick.invoicing.asked import Measured
from tallystick.invoicing.basis import Basis, named_payer
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.charging import fact_by_hand
from tallystick.invoicing.converting import converted_on, missing_rates
from tallystick.invoicing.credited import Credit, credited, knows_credit
from tallystick.invoicing.differing import (
    Difference,
    Place,
    differences,
    issued_at,
    replaced_at,
)
from tallystick.invoicing.due import due_items
from tallystick.invoicing.invoice import (
    DocumentType,
    Invoice,
    Purpose,
    id_for_payer,
    invoice_id,
)
from tallystick.invoicing.line import Line, LineKind, description_of, line_id
from tallystick.invoicing.manual.waiting import with_orders
from tallystick.invoicing.numbering import plan_payment_days
from tallystick.invoicing.replay import Billed, Identity, Replayed, replayed_items, vanished
from tallystick.invoicing.schedule import as_billed
from tallystick.invoicing.taxed import taxed
from tallystick.invoicing.whole import beside, priced
from tallystick.kernel import (
    Done,
    InvoiceId,
    Money,
    Outcome,
    Period,
    PriceKey,
    Problem,
    Refused,
    check,
    digest,
)
from tallystick.metering import Reach

# Raised with a release by which the same facts may come to another amount or another text than by
# the release before, with the rules of both at hand: documents verify, and keys that are closed are
# replayed, by the rules that rated them. Until the first release there is one set of rules.
RATING_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    Everything a draft follows from.

    Attributes:
        basis: the contract.
        period: the billing period to open or close, or the last one for a correction.
        purpose: why a document is made.
        position: the log position up to which usage was read.
        measured: the answers to the questions of all `replayed_items`, and of those `beside` them.
        billed: every issued line of the subscription, to its payer.
        elsewhere: those to other payers of it: what they ordered, and the rates and tax points of
            what is billed to this one instead.
        beside: issued lines of the contracts with which it shared documents, for taxes alone.
        rated: issued lines that are not corrected with it, for the exchange rates that they keep.
        reaches: what was recorded about times that were over; accounts for differences.
        tzdata_version: edition of the zone rules in use.
        issue_on: the day on which the documents will be issued, for tax and exchange rate of what
            is due in advance; None: where nothing bears a tax or is converted.
    """

    basis: Basis
    period: Period
    purpose: Purpose
    position: int
    measured: tuple[Measured, ...]
    billed: tuple[Billed, ...] = ()
    beside: tuple[Billed, ...] = ()
    rated: tuple[Billed, ...] = ()
    elsewhere: tuple[Billed, ...] = ()
    reaches: tuple[Reach, ...] = ()
    tzdata_version: str
    issue_on: date | None = None

    @property
    def place(self) -> Place:
        """Return which document of the subscription is made."""
        return (self.period.start, self.purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What came of the facts: one invoice at most, a credit note per document overcharged."""

    invoice: Invoice | None
    credit_notes: tuple[Invoice, ...] = ()

    @property
    def documents(self) -> tuple[Invoice, ...]:
        """Return all of them, the invoice first."""
        return self.credit_notes if self.invoice is None else (self.invoice, *self.credit_notes)


def draft_invoice(facts: Facts) -> Outcome[Drafts]:
    """
    Draft the document of a period, with corrections of earlier ones.

    Problems:
        unexplained_difference: a closed key comes to another amount and no fact recorded since
            accounts for it; nothing is drafted at all.
        no_country, no_tax_rule: see `taxed`.
        no_exchange_rate: see `missing_rates`.
        overlapping_periods: a price would be charged for two periods that overlap.
        repair_above_line: of a key that persons gave back from, more would be given back than was
            ever charged.

    Raises:
        InvariantBroken: the plan names an unknown meter.
        UnitMismatch: a meter's unit does not convert into its price's.
    """
    items = replayed_items(
        facts.basis, period=facts.period, purpose=facts.purpose, billed=facts.billed
    )
    everything = (*items, *beside(facts.basis, items))
    on, rated = facts.issue_on, (*facts.billed, *facts.rated, *facts.elsewhere)
    if unrated := missing_rates(facts.basis, everything, billed=rated, issue_on=on):
        return Refused(unrated)
    replayed = priced(facts.basis, items, facts.measured, billed=rated, issue_on=on)
    credit = Credit(facts.basis, facts.billed)
    held = [replace(one, charge=credit.kept(one.key, one.charge)) for one in replayed]
    found = differences(facts.basis, held, facts.billed, reaches=facts.reaches)
    if defects := tuple(_defects(facts, found)):
        return Refused(defects)
    if overlaps := tuple(_overlaps(found)):
        return Refused(overlaps)
    # What a voided document charged is billed in its place, and nowhere else.
    found = tuple(one for one in found if one.reopened in {None, facts.place})
    found = tuple(one for one in found if one.running is None or _closes(facts, one.running))
    is_within = facts.purpose is Purpose.THRESHOLD
    due = [one for one in found if not one.closed and (one.money.minor or not is_within)]
    back = {one.key.identity for one in found if _brings_back(one, replayed, credit)}
    more = [
        one
        for one in found
        if one.closed and (one.money.minor > 0 or _is_new_less(one) or _is_credit_alone(one, back))
    ]
    less = [one for one in found if one.closed and one.money.minor < 0 and one.original is not None]
    if above := tuple(_above_lines(less, facts.billed)):
        return Refused(above)
    invoice = _invoice(facts, [*due, *more])
    if invoice is not None:
        invoice = credited(invoice, credit) if knows_credit(facts.basis) else invoice
        invoice = with_orders(invoice, facts.basis, (*facts.elsewhere, *facts.billed))
    taken = invoice is not None and facts.purpose is Purpose.CORRECTION
    notes = _credit_notes(facts, less, taken=taken)
    return _with_taxes(facts, Drafts(invoice=invoice, credit_notes=notes))


def _closes(facts: Facts, running: datetime) -> bool:
    """Tell whether a document charges what others charged for thresholds of a period."""
    return running == facts.period.start and facts.purpose in {Purpose.PERIOD, Purpose.THRESHOLD}


def _with_taxes(facts: Facts, drafts: Drafts) -> Outcome[Drafts]:
    """Tax each document behind those before it, as they will be issued."""
    made: list[Invoice] = []
    for document in drafts.documents:
        billed = (*facts.beside, *facts.elsewhere, *facts.billed, *as_billed(made))
        outcome = taxed(document, facts.basis, billed=billed, on=facts.issue_on)
        if isinstance(outcome, Refused):
            return outcome
        made.append(outcome.value)
    if drafts.invoice is None:
        return Done(Drafts(invoice=None, credit_notes=tuple(made)))
    return Done(Drafts(invoice=made[0], credit_notes=tuple(made[1:])))


def _brings_back(one: Difference, replayed: Iterable[Replayed], credit: Credit) -> bool:
    """Tell whether a key comes to less than credit covered of it."""
    whole = (each.charge for each in replayed if each.key.identity == one.key.identity)
    return bool(credit.held(one.key)) and credit.brings_back(one.key, next(whole, None))


def _is_credit_alone(one: Difference, back: Container[Identity]) -> bool:
    """Tell whether a closed key gives back credit and no money: a line of nothing says so."""
    return one.money.minor == 0 and one.key.identity in back


def _is_new_less(one: Difference) -> bool:
    """Return whether a key that no document charged comes to less than nothing (negative usage)."""
    return one.money.minor < 0 and one.original is None


def _defects(facts: Facts, found: Iterable[Difference]) -> Iterator[Problem]:
    """
    Yield a problem for each difference that no fact explains.

    A fee that was given back because it is due later now is due with its document, by time alone.
    """
    own = due_items(facts.basis, period=facts.period, purpose=facts.purpose)
    falling_due = {(item.price.key, item.period.start) for item in own}
    for one in found:
        is_due = (one.key.price, one.key.period.start) in falling_due and one.before.minor == 0
        if one.closed and one.money.minor and not (one.explained or is_due):
            yield _defect(one)


def _defect(one: Difference) -> Problem:
    message = (
        f"{one.key.price} in {one.key.period} was settled to {one.before} and now comes to "
        f"{one.after}, but no event or change of attribution was recorded since; "
        "compare the projection with the log and verify the issued invoice"
    )
    return Problem(code="unexplained_difference", message=message, field=f"prices.{one.key.price}")


def _overlaps(found: Iterable[Difference]) -> Iterator[Problem]:
    """Yield a problem for each price that would stand charged twice for a time."""
    standing: dict[PriceKey, set[Period]] = {}
    for one in found:
        if one.replayed is not None:
            standing.setdefault(one.key.price, set()).add(one.key.period)
    for price, periods in standing.items():
        for before, after in pairwise(sorted(periods, key=lambda period: period.start)):
            if before.overlap(after) is not None:
                message = f"{price} would be charged for {before} and for {after}"
                yield Problem(code="overlapping_periods", message=message, field=f"prices.{price}")


def _above_lines(less: Iterable[Difference], billed: Iterable[Billed]) -> Iterator[Problem]:
    """Yield a problem for each key of which notes by hand leave less than is to be given back."""
    by_hand: dict[object, Money] = {}
    for line in billed:
        if line.kind is LineKind.MANUAL and line.document_type is DocumentType.CREDIT_NOTE:
            known = by_hand.get(line.key.identity)
            by_hand[line.key.identity] = line.money if known is None else known + line.money
    for one in less:
        given = by_hand.get(one.key.identity)
        if given is not None and one.before.minor >= 0 > (one.before + given + one.money).minor:
            message = (
                f"{one.key} was settled to {one.before} and comes to {one.after} now, but credit "
                f"notes by hand gave {-given} of it back already: more would be given back than "
                "was charged; set the amount by hand, or void the document"
            )
            yield Problem(
                code="repair_above_line", message=message, field=f"prices.{one.key.price}"
            )


def _invoice(facts: Facts, lines: list[Difference]) -> Invoice | None:
    if not lines:
        return None
    before = issued_at(facts.billed, facts.place)
    counted = facts.purpose in {Purpose.CORRECTION, Purpose.THRESHOLD}
    revision = before + 1 if counted else before
    made = _document(facts, lines, revision=revision)
    return replace(made, replaces=replaced_at(facts.billed, facts.place))


def _credit_notes(facts: Facts, less: list[Difference], *, taken: bool) -> tuple[Invoice, ...]:
    """Return one note per document overcharged; ``taken``: the invoice is a correction itself."""
    by_original: dict[tuple[InvoiceId, datetime], list[Difference]] = {}
    for one in less:
        if one.original is not None:
            of = (one.original.document, one.original.period.start)
            by_original.setdefault(of, []).append(one)
    used = {facts.period.start: 1} if taken else {}
    notes = []
    for lines in by_original.values():
        original = lines[0].original
        if original is None:
            continue
        check(original.reference is not None, f"{original.document} is corrected before its issue")
        begun = original.period.start
        used[begun] = used.get(begun, 0) + 1
        # A period is the same while it begins at one instant: the end of a contract may move.
        before = issued_at(facts.billed, (begun, Purpose.CORRECTION))
        as_of = replace(facts, period=original.period, purpose=Purpose.CORRECTION)
        note = _document(as_of, lines, revision=before + used[begun])
        as_note = DocumentType.CREDIT_NOTE
        notes.append(replace(note, document_type=as_note, reference=original.reference))
    return tuple(notes)


def _document(facts: Facts, found: list[Difference], *, revision: int) -> Invoice:
    basis, period, purpose = facts.basis, facts.period, facts.purpose
    first = invoice_id(
        basis.workspace,
        subscription=basis.subscription.key,
        period=period,
        purpose=purpose,
        revision=revision,
    )
    of = id_for_payer(first, named_payer(basis))
    lines = tuple(_line(of, one, facts) for one in found)
    return Invoice(
        id=of,
        number=None,
        document_type=DocumentType.INVOICE,
        purpose=purpose,
        revision=revision,
        workspace=basis.workspace,
        legal_entity=basis.legal_entity,
        account=basis.payer,
        subscription=basis.subscription.key,
        currency=basis.currency,
        period=period,
        lines=lines,
        issued_on=None,
        due_on=None,
        reference=None,
        position=facts.position,
        basis=digest(basis_document(basis)),
        rating_version=RATING_VERSION,
        tzdata_version=facts.tzdata_version,
        converted_on=converted_on(lines, basis, issue_on=facts.issue_on),
        payment_days=plan_payment_days(basis, period, purpose),
    )


def _line(document: InvoiceId, one: Difference, facts: Facts) -> Line:
    now = one.replayed or vanished(facts.basis, one.key)
    names = facts.basis.group_names(one.key)
    by_hand = one.replayed is not None and fact_by_hand(facts.basis, one.key) is not None
    return Line(
        id=line_id(document, one.key),
        kind=LineKind.DERIVED,
        key=one.key,
        description=description_of(names, one.key, corrected=one.closed, by_hand=by_hand),
        quantity=now.charge.quantity,
        unit=now.charge.unit,
        charge=now.charge,
        exact=now.charge.amount,
        settled_before=one.before,
        money=one.money,
        share=now.share,
        measurement=now.measurement,
        attribution=now.attribution,
        position=facts.position,
    )
