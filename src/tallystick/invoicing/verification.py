"""
Verifying a document: every line made again from its events and compared with what it says.

Nothing of drafting is used here but the arithmetic itself: events are folded by the reference
folds, the quantity is rated, the charge is settled, and what earlier documents settled is taken
off.  So a fault in drafting or in a store shows up as a difference.

Checked for each line: that it had come due, its id, share, attribution, measured quantity,
evidence, steps, exact amount, what was settled before, and money.  For the document: see
`coherence`; that no line is missing; its sum (when it is read).
Not proven by a document alone: that these are the contract, the events and the earlier documents
that the issuer holds, that the log holds every event that was sent, that the number follows the one
before, and the dates.  The digest of the document stands for all of it in the audit record of its
issue; segment digests and the chain of the audit speak of the rest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tallystick.invoicing.asked import attribution_of, charged
from tallystick.invoicing.audited import AuditedIssue, audit_problem
from tallystick.invoicing.charging import WHOLE, charge_of_item, fact_by_hand
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.coherence import document_problems, item_on, undue_problems
from tallystick.invoicing.converting import converted_again, different_rate
from tallystick.invoicing.credited import credited_again, settled_before
from tallystick.invoicing.due import due_items
from tallystick.invoicing.gathered.parts import previous_of, section_claims
from tallystick.invoicing.invoice import Purpose
from tallystick.invoicing.line import Line, LineKey, LineKind, Measurement, description_of, line_id
from tallystick.invoicing.manual import manual_problems, missing_orders
from tallystick.invoicing.notes import note_problems
from tallystick.invoicing.queries import until_cut
from tallystick.invoicing.remeasured import Remeasured
from tallystick.invoicing.replay import Identity
from tallystick.invoicing.sales import sale_problems
from tallystick.invoicing.schedule import as_billed
from tallystick.invoicing.sealed import ProofLevel
from tallystick.invoicing.taxed.checking import tax_problems
from tallystick.invoicing.whole import with_steps
from tallystick.kernel import (
    Amount,
    Done,
    InvariantBroken,
    InvoiceId,
    Money,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    plain,
    settle,
)
from tallystick.metering import (
    Event,
    UsageRow,
    evidence_of,
)
from tallystick.pricing import Charge, Price, Unrateable


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """
    What was found equal; ``digest`` is that of the document's canonical JSON.

    ``audit`` is the record of its issue, which names this digest; None for a draft, and where a
    proof holds none. ``level`` says what was gone back to.
    """

    document: str
    number: str | None
    digest: str
    total: Money
    lines: int
    events: int
    audit: AuditedIssue | None = None
    level: ProofLevel = ProofLevel.EVENTS


def verify_document(
    claim: Claim, events: Sequence[Event], *, only: SubscriptionKey | None = None
) -> Outcome[VerificationReport]:
    """
    Make every line again from the events and compare.

    Args:
        claim: the document with its basis and what came before it.
        events: at least those the lines need, of any type and subject; each once.
        only: make only the lines of this contract again, of a consolidated document.

    Problems:
        different_basis, different_document, different_previous, repeated_line, missing_line,
        undue_line, unproven_line, unknown_price, different_line (field: which part),
        different_quantity, different_evidence, different_charge, different_settled_before,
        different_money; in the order of the document, so the first one is the first difference;
        different_tax and those of `taxed` behind them, then different_audit. Lines are looked at
        where the document itself is sound.

    Raises:
        Misuse, InvariantBroken: the basis cannot be a contract: a meter is missing, units or
            currencies do not go together.
    """
    problems = [*document_problems(claim)] or [*_content_problems(claim, events, only)]
    if claim.audit is not None:
        unnamed = audit_problem(claim.audit, claim.invoice, digest=claim.digest)
        problems += [] if unnamed is None else [unnamed]
    if problems:
        return Refused(tuple(problems))
    return Done(
        VerificationReport(
            document=claim.invoice.id,
            number=claim.invoice.number,
            digest=claim.digest,
            total=claim.invoice.total,
            lines=len(claim.invoice.lines),
            events=len(events),
            audit=claim.audit,
            level=ProofLevel.SEALED if claim.sealed else ProofLevel.EVENTS,
        )
    )


def _content_problems(
    claim: Claim, events: Sequence[Event], only: SubscriptionKey | None
) -> Iterator[Problem]:
    """Yield what is wrong with the lines, then which lines are missing."""
    if claim.invoice.purpose in {Purpose.VOID, Purpose.CREDIT}:
        yield from note_problems(claim)
        yield from tax_problems(claim)
        return
    if claim.invoice.purpose is Purpose.ONE_OFF:
        yield from sale_problems(claim)
        yield from tax_problems(claim)
        return
    claims = section_claims(claim) if claim.invoice.sections else (_alone(claim),)
    wanted = [one for one in claims if only in {None, one.invoice.subscription}]
    measured = {one.invoice.id: Remeasured(one, events) for one in wanted}
    credited = _credited(claim, wanted, measured)
    begin = 0
    for one in claims:
        begin += len(one.invoice.lines)
        if one.invoice.id not in measured:
            continue
        found = measured[one.invoice.id]
        found.credited = credited
        for index, line in enumerate(one.invoice.lines, start=begin - len(one.invoice.lines)):
            yield from _line_problems(one, line, found, place=f"lines[{index}]")
        yield from _missing_lines(one, found)
        yield from missing_orders(one)
    yield from tax_problems(claim)


def _credited(
    claim: Claim, wanted: Iterable[Claim], measured: Mapping[InvoiceId, Remeasured]
) -> Mapping[Identity, Charge]:
    """Return what the lines of a document come to less credit, all of its sections together."""
    of_line = {line.id: one for one in wanted for line in one.invoice.lines}

    def remade(line: Line) -> Charge | None:
        one = of_line.get(line.id)
        return None if one is None else _remade(one, line, measured[one.invoice.id])

    return credited_again(claim, remade)


def _alone(claim: Claim) -> Claim:
    """Return a claim of one contract without what documents before it hold of others."""
    return replace(claim, previous=previous_of(claim.previous, claim.invoice.subscription))


def _line_problems(claim: Claim, line: Line, found: Remeasured, *, place: str) -> Iterable[Problem]:
    if line.kind is LineKind.MANUAL:
        return manual_problems(claim, line, place=place)
    price = claim.basis.price_of(line.key)
    if price is None and line.exact.value:
        message = f"no plan of the contract has a price {line.key.price}"
        return (Problem(code="unknown_price", message=message, field=f"{place}.price"),)
    return (
        *(() if price is None else undue_problems(claim, line, price, place=place)),
        *_frame_problems(claim, line, found, place=place),
        *_measurement_problems(claim, line, found, place),
        *(
            Problem(code=code, message=f"{line.key}: {message}", field=f"{place}.{field}")
            for code, field, message in _money_problems(claim, line, found)
        ),
    )


def _frame_problems(
    claim: Claim, line: Line, found: Remeasured, *, place: str
) -> Iterator[Problem]:
    at = (line.key.price, line.key.period.start)
    item = item_on(claim, line)
    own = claim.basis.attribution(line.key.period)
    if item is not None:
        own = attribution_of(claim.basis, item)
    attribution = found.attributions.get(at) or own
    names = claim.basis.group_names(line.key)
    by_hand = item is not None and fact_by_hand(claim.basis, line.key) is not None
    texts = {
        description_of(names, line.key, corrected=corrected, by_hand=by_hand)
        for corrected in (False, True)
    }
    for field, said, expected in (
        ("id", line.id, line_id(claim.invoice.id, line.key)),
        ("subscription", line.key.subscription, claim.invoice.subscription),
        ("position", line.position, claim.invoice.position),
        ("attribution", line.attribution, attribution),
        ("description", line.description in texts, True),
        ("share", line.share, WHOLE if item is None else item.share),
    ):
        if said != expected:
            message = f"{line.key}: the line says {said}, its basis gives {expected}"
            yield Problem(code="different_line", message=message, field=f"{place}.{field}")


def _measurement_problems(
    claim: Claim, line: Line, found: Remeasured, place: str
) -> Iterator[Problem]:
    price = claim.basis.price_of(line.key)
    said = line.measurement
    if said is None or price is None:
        return
    got = _measured(said, found.row(line, said.window))
    for code, field in (
        ("different_quantity", "quantity"),
        ("different_evidence", "events"),
        ("different_evidence", "digest"),
        ("different_quantity", "unmeterable"),
        ("different_quantity", "gap_seconds"),
    ):
        one, other = getattr(said, field), getattr(got, field)
        if one != other:
            message = f"{line.key}: the line says {field} {one}, its events give {other}"
            yield Problem(code=code, message=message, field=f"{place}.measurement.{field}")
    if claim.invoice.number is not None and said.window != until_cut(
        claim.invoice, line.key.period
    ):
        message = f"{line.key}: the line measured only {said.window}"
        yield Problem(code="different_line", message=message, field=f"{place}.measurement.window")
    if said.meter != price.meter:
        message = f"{line.key}: the line names meter {said.meter}, its price {price.meter}"
        yield Problem(code="different_line", message=message, field=f"{place}.measurement.meter")


def _measured(said: Measurement, row: UsageRow | None) -> Measurement:
    """Return what the events give, in the shape of what the line says."""
    evidence = evidence_of(()) if row is None or row.evidence is None else row.evidence
    return Measurement(
        meter=said.meter,
        window=said.window,
        quantity=Decimal(0) if row is None else row.fold.quantity,
        events=evidence.events,
        digest=evidence.digest,
        unmeterable=0 if row is None else row.fold.unmeterable,
        gap_seconds=Decimal(0) if row is None else row.fold.gap_seconds,
    )


def _money_problems(claim: Claim, line: Line, found: Remeasured) -> Iterator[tuple[str, str, str]]:
    """Yield code, field and message of what differs between a line's money and its making."""
    try:
        charge = _remade(claim, line, found)
        charge = found.credited.get(line.key.identity, charge)
    except (Unrateable, InvariantBroken) as error:
        yield ("different_charge", "exact", f"it says {plain(line.exact.value)}; {error}")
        return
    if (otherwise := different_rate(line, charge)) is not None:
        yield ("different_conversion", "conversion", otherwise)
    if line.charge != charge:
        said = "nothing" if line.charge is None else plain(line.exact.value)
        message = f"it says {said}, rating its quantity gives {plain(charge.amount.value)}"
        yield ("different_charge", "exact", message)
    if line.quantity != charge.quantity:
        message = f"it says {plain(line.quantity)}, its events give {plain(charge.quantity)}"
        yield ("different_quantity", "quantity", message)
    before = settled_before(claim, line)
    if line.settled_before != before:
        message = f"it says {line.settled_before}, the documents before settled {before}"
        yield ("different_settled_before", "settled_before", message)
    money = settle(charge.amount) - before
    if line.money != money:
        yield ("different_money", "money", f"it says {line.money}, it comes to {money}")


def _remade(claim: Claim, line: Line, found: Remeasured) -> Charge:
    """Return a line's charge, converted and with what its document takes off, before credit."""
    charge = _charge(claim, line, claim.basis.price_of(line.key), found)
    charge = converted_again(claim, line, charge, billed=as_billed(claim.previous))
    return with_steps(charge, found.taken_off.get(line.key.identity, ()))


def _charge(claim: Claim, line: Line, price: Price | None, found: Remeasured) -> Charge:
    """
    Return the charge that the events behind a line come to.

    A key that the facts no longer hold (a group without usage, a period that the contract lost, a
    fee that falls due later now) comes to nothing.
    """
    window = line.key.period if line.measurement is None else line.measurement.window
    row = found.row(line, window)
    item = item_on(claim, line)
    if (
        price is None
        or item is None
        or (price.meter is not None and line.measurement is None and row is None)
    ):
        nothing = Amount(value=Decimal(0), currency=claim.invoice.currency)
        return Charge(price=line.key.price, quantity=Decimal(0), unit="", amount=nothing, steps=())
    if price.meter is None:
        return charge_of_item(claim.basis, line.key, item, item.quantity)
    usage = found.usage(line, item, window)
    return charged(claim.basis, item, usage, brought=found.brought(line, item))


def _missing_lines(claim: Claim, found: Remeasured) -> Iterator[Problem]:
    """
    Yield a problem for each key that is due and that no document charges.

    What a document for a threshold leaves out is due with that of its period.
    """
    invoice = claim.invoice
    if invoice.purpose is Purpose.THRESHOLD:
        return
    charged = {line.key.identity for document in (*claim.own, invoice) for line in document.lines}
    charged_places = {at[:3] for at in charged}
    for item in due_items(claim.basis, period=invoice.period, purpose=invoice.purpose):
        key = LineKey(subscription=invoice.subscription, price=item.price.key, period=item.period)
        if key.identity[:3] not in charged_places:
            message = f"{key} is due and stands on no line"
            yield Problem(code="missing_line", message=message, field="lines")
        for group in found.groups(item.price, item.period):
            one = replace(key, group=group)
            if one.identity not in charged and key.identity[:3] in charged_places:
                message = f"{one} was used and stands on no line"
                yield Problem(code="missing_line", message=message, field="lines")
