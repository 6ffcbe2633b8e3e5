"""
Which documents a subscription is due to have had by an instant, and which of them it lacks.

    contract from January 10 with a fee in advance, asked on March 5

    opening   January 10 to 31   due January 10
    period    January 10 to 31   due February 1
    period    February           due March 1

A contract without fees in advance has no opening document.  Each document is due at the instant its
period begins (opening) or ends (period); documents are drafted in this order, because each one's
differences rest on those before.

Where the payer changes, each payer is due documents of his own: an opening one with the first
period that he pays for, and none with what others pay for.

A change of the contract within a period whose fees were charged is due a correction when it takes
effect: the fee of the old terms is given back from there on, that of the new ones charged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tallystick.catalog import Term
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.converting import in_contract_currency, missing_rates
from tallystick.invoicing.differing import differences, rebilled_documents, reopened_documents
from tallystick.invoicing.due import due_items, opened, payer_at
from tallystick.invoicing.invoice import Invoice, Purpose, Reference
from tallystick.invoicing.line import LineKind, credit_of
from tallystick.invoicing.replay import Billed, replay, replayed_items
from tallystick.kernel import Period, time_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A document that falls due at an instant."""

    period: Period
    purpose: Purpose
    at: datetime


def due_documents(basis: Basis, *, through: datetime) -> tuple[Due, ...]:
    """Return the documents due at or before an instant, in the order in which they are drafted."""
    periods = basis.billing_periods(through=through)
    begun = [one.span for one in periods]
    found = [
        Due(period=period, purpose=Purpose.OPENING, at=period.start)
        for period in opened(basis, periods)
    ]
    found += [
        Due(period=period, purpose=Purpose.PERIOD, at=period.end)
        for period in begun
        if period.end <= through
    ]
    if basis.payers:
        found.sort(key=lambda one: one.at)
    return tuple(one for one in found if _holds_anything(basis, one))


def instants_due(basis: Basis, *, after: datetime, through: datetime) -> tuple[datetime, ...]:
    """
    Return the instants in (after, through] at which documents may fall due, ascending.

    They are the beginnings and ends of billing periods and of what the contract says in a row:
    trials, pauses, phases, plans, quantities, its end; and the ends of days of grace.  At some of
    them nothing is billed in the end, as no fee runs in a trial; between two of them nothing falls
    due by time alone.  Where usage may pass a threshold within a period, each day begins with such
    an instant (UTC).
    """
    grace = 0 if basis.issuer is None else basis.issuer.issuing.grace_days
    recent = Period(start=after - timedelta(days=grace + 1), end=through)
    periods = [one.span for one in basis.periods_of().touching(recent)]
    found = {at for period in periods for at in (period.start, period.end)}
    for segment in basis.segments():
        found |= {segment.start, segment.end or segment.start}
    end = basis.subscription.end
    found |= set() if end is None else {end}
    found |= {
        issued_from(basis, Due(period=one, purpose=Purpose.PERIOD, at=one.end)) for one in periods
    }
    found |= _midnights(after, through) if any(plan.thresholds for plan in basis.plans) else set()
    return tuple(sorted(at for at in found if after < at <= through))


def _midnights(after: datetime, through: datetime) -> set[datetime]:
    first = after.replace(hour=0, minute=0, second=0, microsecond=0)
    days = range(1, (through - first).days + 1)
    return {first + timedelta(days=count) for count in days}


def issued_from(basis: Basis, due: Due) -> datetime:
    """
    Return from when a document may be issued: when it is due, after the issuer's days of grace.

    Only what closes a period waits, so that late usage counts in it; days are local days of the
    legal entity, at the same local time.
    """
    entity = basis.issuer
    if entity is None or due.purpose is not Purpose.PERIOD or not entity.issuing.grace_days:
        return due.at
    local = due.at.astimezone(time_zone(entity.zone))
    return (local + timedelta(days=entity.issuing.grace_days)).astimezone(UTC)


def missing_documents(
    basis: Basis, billed: Iterable[Billed], *, through: datetime
) -> tuple[Due, ...]:
    """
    Return the documents due by an instant that were not issued yet.

    A document that was voided to be billed anew is due again.  A contract that lacks none and has
    ended is due a correction, which may turn out empty; one that has changed is, where its fees
    come to something else than was charged.
    """
    billed = tuple(billed)
    anew = rebilled_documents(billed)
    issued = {(line.period.start, line.purpose) for line in billed if line.document not in anew}
    due = due_documents(basis, through=through)
    missing = [one for one in due if (one.period.start, one.purpose) not in issued]
    missing += [
        Due(period=line.period, purpose=line.purpose, at=line.period.end)
        for line in reopened_documents(billed)
        if line.purpose is Purpose.CORRECTION
    ]
    if missing:
        return tuple(missing)
    end = basis.subscription.end
    if end is not None and end <= through and (due or billed):
        return (Due(period=_last_period(basis, end, billed), purpose=Purpose.CORRECTION, at=end),)
    if (paid := _no_longer_paid(basis, billed, through=through)) is not None:
        return (Due(period=paid, purpose=Purpose.CORRECTION, at=through),)
    return _after_changes(basis, billed, through=through)


def _no_longer_paid(basis: Basis, billed: Sequence[Billed], *, through: datetime) -> Period | None:
    """
    Return the last period that was billed to a payer who is due a correction; None: he is due none.

    He is where another one pays by now, so that no document of a period will hold what comes to
    light, and where he was charged what another one pays.
    """
    lines = [line for line in billed if _settles(line)]
    if not basis.payers or not lines:
        return None
    standing: dict[object, int] = {}
    for line in lines:
        if payer_at(basis, line.key.period.start) != basis.payer:
            place = line.key.identity
            standing[place] = standing.get(place, 0) + line.money.minor
    if payer_at(basis, through) == basis.payer and not any(standing.values()):
        return None
    return max((line.period for line in lines), key=lambda period: period.start)


def _last_period(basis: Basis, end: datetime, billed: Sequence[Billed]) -> Period:
    """Return the last billing period of an ended contract, also where it charges nothing."""
    last = basis.periods_of().last(end)
    return billed[-1].period if last is None else last.span


def term_end(basis: Basis, term: Term, *, at: datetime) -> datetime:
    """
    Return the end of the first term that can still be ended with notice at an instant.

    Args:
        basis: the contract; its billing periods are counted.
        term: how many of them it has, and the days of notice.
        at: when notice is given; before the start it is of the first term.
    """
    notice = timedelta(days=term.notice_days)
    through = max(at, basis.subscription.start)
    while True:
        periods = basis.billing_periods(through=through)
        ends = [one.span.end for one in periods[term.periods - 1 :: term.periods]]
        found = [end for end in ends if end - notice >= at and end > at]
        if found:
            return found[0]
        if periods[-1].span.end <= through:
            return periods[-1].span.end
        through = periods[-1].span.end


def _holds_anything(basis: Basis, due: Due) -> bool:
    """Tell whether a document has anything to charge; a contract without changes is not asked."""
    alike = not (basis.changes_in_time or basis.payers) and all(
        price.interval is None for price in basis.prices
    )
    if due.purpose is Purpose.PERIOD and alike:
        return True
    return bool(due_items(basis, period=due.period, purpose=due.purpose))


def _after_changes(
    basis: Basis, billed: tuple[Billed, ...], *, through: datetime
) -> tuple[Due, ...]:
    """
    Return the correction that changes of the contract have made due by an instant.

    A change that lies ahead makes none due: it waits until it takes effect, or for the next period.
    """
    agreed = _agreed_by(basis, through)
    changes = agreed.subscription.changes
    if not changes or not billed or not _fees_differ(basis, billed):
        return ()
    if not _fees_differ(agreed, billed):
        return ()
    effective = [change.at for change in changes]
    last = basis.periods_of().last(max(basis.subscription.start, effective[-1]))
    if last is None:  # a contract of no length
        return ()
    return (Due(period=last.span, purpose=Purpose.CORRECTION, at=effective[-1]),)


def as_agreed_for(basis: Basis, dues: Sequence[Due], billed: Iterable[Billed]) -> Basis:
    """
    Return the contract by which documents that are due are drafted.

    What a change that lies ahead does to fees is not billed with the correction that another one
    makes due: it waits for its own instant. One that a document has counted already stays, or it
    would be given back until then.

    Args:
        basis: the contract.
        dues: all that is due of it.
        billed: its issued lines; one whose period begins or ends with a change has counted it, and
            those before it.
    """
    if [due.purpose for due in dues] != [Purpose.CORRECTION]:
        return basis
    periods = [line.key.period for line in billed if _settles(line)]
    cuts = {at for period in periods for at in (period.start, period.end)}
    counted = [change.at for change in basis.subscription.changes if change.at in cuts]
    # A part without a day has no line: what lies before a change that was counted was, too.
    return _agreed_by(basis, max([dues[0].at, *counted]))


def _agreed_by(basis: Basis, at: datetime) -> Basis:
    changes = tuple(one for one in basis.subscription.changes if one.at <= at)
    return replace(basis, subscription=replace(basis.subscription, changes=changes))


def _fees_differ(basis: Basis, billed: tuple[Billed, ...]) -> bool:
    """Tell whether what is not metered comes to something else than was charged."""
    settled = (line for line in billed if _is_fee(basis, line) and _settles(line))
    fees = _before_taken_off(settled)
    period = fees[-1].period if fees else billed[-1].period
    items = replayed_items(basis, period=period, purpose=Purpose.CORRECTION, billed=billed)
    flat = [item for item in items if item.price.meter is None]
    on = max((one.day for one in basis.rates), default=None)
    if missing_rates(basis, flat, billed=billed, issue_on=on):
        return True  # which rate it is, is told where the correction is drafted
    now = in_contract_currency(replay(basis, flat, ()), basis, billed=billed, issue_on=on)
    return any(one.money.minor for one in differences(basis, now, fees))


def _before_taken_off(billed: Iterable[Billed]) -> tuple[Billed, ...]:
    """
    Return lines with what the last one of each key says that its whole document took off.

    A document that was voided says nothing of that any more, nor does the note that took it back.
    """
    lines = list(billed)
    voided = {line.corrects for line in lines if line.purpose is Purpose.VOID}
    last = {
        line.key.identity: at
        for at, line in enumerate(lines)
        if line.purpose is not Purpose.VOID and line.document not in voided
    }
    for at in last.values():
        off = lines[at].taken_off
        if off is not None:
            lines[at] = replace(lines[at], money=lines[at].money + off)
    return tuple(lines)


def _settles(line: Billed) -> bool:
    """Tell whether a line settled its key, which manual lines do not."""
    return line.kind is LineKind.DERIVED


def _is_fee(basis: Basis, line: Billed) -> bool:
    price = basis.price_of(line.key)
    return price is None or price.meter is None


def as_billed(documents: Iterable[Invoice]) -> tuple[Billed, ...]:
    """
    Return the lines of documents as later ones see them.

    Drafts that are issued in the same transaction count as issued; they have no number yet, so no
    other document may refer to them.
    """
    return tuple(
        Billed(
            key=line.key,
            money=line.money,
            position=line.position,
            attribution=line.attribution,
            document=document.id,
            reference=_reference(document),
            document_type=document.document_type,
            purpose=purpose,
            period=period,
            taxes=line.taxes,
            taken_off=line.taken_off,
            credit=credit_of(line.charge),
            kind=line.kind,
            corrects=None if document.reference is None else document.reference.invoice,
            disposition=document.disposition,
            replaces=None if document.replaces is None else document.replaces.invoice,
            conversion=line.conversion,
            is_shared=bool(document.sections),
            payer=document.account,
        )
        for document in documents
        for line, (period, purpose) in zip(document.lines, document.places, strict=True)
    )


def stale_keys(invoice: Invoice, billed: Iterable[Billed]) -> tuple[str, ...]:
    """Return the keys of a draft that others to its payer have charged since it was made."""
    settled: dict[object, int] = {}
    for line in (one for one in billed if _settles(one) and one.payer == invoice.account):
        settled[line.key.identity] = settled.get(line.key.identity, 0) + line.money.minor
    return tuple(
        str(line.key)
        for line in invoice.lines
        if settled.get(line.key.identity, 0) != line.settled_before.minor
    )


def _reference(document: Invoice) -> Reference | None:
    if document.number is None or document.issued_on is None:
        return None
    return Reference(invoice=document.id, number=document.number, issued_on=document.issued_on)
