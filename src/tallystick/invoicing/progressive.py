"""
Invoices within a period: due when usage so far passes a threshold that the plan declares.

    thresholds 200.00 and 500.00, then every 1,000.00        billed   usage   due
    usage of 220.00                                            0.00   220.00  220.00
    220.00 more: 440.00 passes nothing                       220.00   440.00
    220.00 more: 660.00 passes 500.00                        220.00   660.00  440.00
    2,420.00 more: passes 1,500.00 and 2,500.00              660.00 3,080.00  2,420.00

Usage is all that the contract's meters came to since it began, as lines settle, against what all
documents have billed of it.  So nothing has to be remembered but documents, and a threshold that a
document of a period has passed is passed.  What was billed is taken off at the period's end, by
difference; fees, minimums and corrections wait for it.
"""

from collections.abc import Iterable
from datetime import datetime

from tallystick.catalog import Threshold
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import due_items, payer_at
from tallystick.invoicing.invoice import Invoice, Purpose
from tallystick.invoicing.line import LineKind
from tallystick.invoicing.replay import Billed
from tallystick.invoicing.schedule import Due
from tallystick.kernel import Amount, Money, settle


def running_period(basis: Basis, at: datetime) -> Due | None:
    """
    Return the document for a threshold that may be passed at an instant; None: none can be.

    Args:
        basis: the contract.
        at: usage up to here counts.
    """
    if not basis.terms_at(at).plan.thresholds or payer_at(basis, at) != basis.payer:
        return None
    last = basis.periods_of().last(at)
    if last is None or not last.span.start < at < last.span.end:
        return None
    return Due(period=last.span, purpose=Purpose.THRESHOLD, at=at)


def billed_within(basis: Basis, billed: Iterable[Billed], due: Due) -> tuple[Billed, ...]:
    """Return the issued lines of what the document for a threshold charges."""
    items = due_items(basis, period=due.period, purpose=due.purpose)
    places = {(item.price.key, item.period.start) for item in items}
    return tuple(line for line in billed if (line.key.price, line.key.period.start) in places)


def billed_for_a_look(billed: Iterable[Billed], due: Due) -> tuple[Billed, ...]:
    """
    Return what a look at the document of a period must know: charged for thresholds, or by hand.

    What persons ordered waits for that document only where none has billed it.
    """
    return tuple(
        line
        for line in billed
        if line.kind is LineKind.MANUAL
        or (line.purpose is Purpose.THRESHOLD and line.period.start == due.period.start)
    )


def passes_threshold(
    basis: Basis, draft: Invoice, billed: Iterable[Billed], *, at: datetime
) -> bool:
    """Tell whether usage passes a threshold with what a draft bills of it."""
    before = Money(minor=0, currency=basis.currency)
    for line in billed:
        price = basis.price_of(line.key)
        if line.kind is LineKind.DERIVED and price is not None and price.meter is not None:
            before += line.money
    now = sum((line.money for line in draft.lines), before)
    return crossed(basis.terms_at(at).plan.thresholds, before, now)


def crossed(thresholds: Iterable[Threshold], before: Money, now: Money) -> bool:
    """
    Tell whether a threshold lies above an amount and not above a later one.

    Those that recur are counted from the highest one that does not.
    """
    listed = [(one.recurring, _money(one, now).minor) for one in thresholds]
    once = [minor for recurring, minor in listed if not recurring]
    steps = [minor for recurring, minor in listed if recurring]
    first = max(once, default=0)
    return any(before.minor < one <= now.minor for one in once) or any(
        max(now.minor - first, 0) // step > max(before.minor - first, 0) // step for step in steps
    )


def _money(threshold: Threshold, like: Money) -> Money:
    return settle(Amount(value=threshold.amount, currency=like.currency))
