"""
The bill as the page shows it: what this period's invoice would say if it were drawn now.

Amounts are exact and cut, never rounded, so that the digits only move forward; the settled total is
what the invoice will say. Nothing is calculated here but the sum of exact amounts of one currency.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.accounts import Account
from tallystick.invoicing import (
    Invoice,
    Line,
    conversion_text,
    shown_within,
    wire_from_conversion,
)
from tallystick.kernel import EXACT, plain
from tallystick.pricing import Step
from tallystick.web.figures import (
    amount_text,
    day_text,
    head_and_tail,
    moment_text,
    quantity_text,
    unit_text,
)

EXACT_DIGITS = 6
HUNDRED = Decimal(100)
HOUR_MILLISECONDS = Decimal(3_600_000)
PACE_MILLISECONDS_MIN = 4_000
PACE_MILLISECONDS_MAX = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a charge."""

    label: str
    quantity: str
    unit_price: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line of the bill."""

    id: str
    description: str
    quantity: str
    unit: str
    amount: str
    events: int
    gap: str
    rate: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillView:
    """The bill of one account."""

    account: str
    name: str
    currency: str
    head: str
    tail: str
    settled: str
    digits: int
    period: str
    percent: str
    next_on: str
    position: int
    exact: Decimal
    lines: tuple[LineView, ...]


def bill_view(account: Account, previews: Sequence[Invoice], *, now: datetime) -> BillView | None:
    """Return the bill of an account from the previews of its subscriptions; None without one."""
    if not previews:
        return None
    first = previews[0]
    lines = [line for preview in previews for line in preview.lines]
    exact = Decimal(0)
    for line in lines:
        exact = EXACT.add(exact, line.exact.value)
        exact = EXACT.subtract(exact, line.settled_before.decimal)
    digits = first.currency.exponent
    head, tail = head_and_tail(exact, exponent=digits)
    settled = sum((preview.total.decimal for preview in previews), Decimal(0))
    return BillView(
        account=account.key,
        name=account.name,
        currency=first.currency.code,
        head=head,
        tail=tail,
        settled=amount_text(settled, digits=digits),
        digits=digits,
        period=f"{day_text(first.period.start, account.zone)} to now",
        percent=_percent(first, now),
        next_on=moment_text(first.period.end, account.zone),
        exact=exact,
        position=max(preview.position for preview in previews),
        lines=tuple(_line(line) for line in lines),
    )


def _percent(invoice: Invoice, now: datetime) -> str:
    passed = Decimal(int((now - invoice.period.start).total_seconds()))
    share = EXACT.divide(EXACT.multiply(passed, HUNDRED), invoice.period.seconds)
    return plain(min(HUNDRED, max(Decimal(0), share)).quantize(Decimal("0.1")))


def _line(line: Line) -> LineView:
    gap = line.measurement.gap_seconds if line.measurement else Decimal(0)
    return LineView(
        id=line.id,
        description=line.description,
        quantity=quantity_text(line.quantity, whole=line.measurement is None),
        unit=unit_text(line.unit),
        amount=amount_text(line.exact.value, digits=EXACT_DIGITS),
        events=line.measurement.events if line.measurement else 0,
        gap=quantity_text(gap, whole=True) if gap else "",
        rate=_rate(line),
        steps=tuple(_step(step) for step in (line.charge.steps if line.charge else ())),
    )


def _rate(line: Line) -> str:
    """Return at which rate a line is converted; empty where it is not."""
    wire = wire_from_conversion(line.charge)
    return "" if wire is None else conversion_text(wire)


def _step(step: Step) -> StepView:
    return StepView(
        label=shown_within(step.label),
        quantity="" if step.quantity is None else quantity_text(step.quantity),
        unit_price="" if step.unit_price is None else plain(step.unit_price),
        amount=amount_text(step.amount, digits=EXACT_DIGITS),
    )


class Pace:
    """How fast a bill grows: its gain over the last minute that was looked at."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, Decimal]] = deque()

    def note(self, bill: BillView, *, at_milliseconds: int) -> str:
        """
        Note what a bill has come to, and return what it gains in an hour; empty until known.

        Example: 5.00 at 0 s and 5.02 at 36 s are 2.00 an hour.
        """
        if self._seen and bill.exact < self._seen[-1][1]:
            self._seen.clear()  # a new period, or a correction
        self._seen.append((at_milliseconds, bill.exact))
        while at_milliseconds - self._seen[0][0] > PACE_MILLISECONDS_MAX:
            self._seen.popleft()
        began, exact = self._seen[0]
        passed = at_milliseconds - began
        if passed < PACE_MILLISECONDS_MIN:
            return ""
        gain = EXACT.multiply(EXACT.subtract(bill.exact, exact), HOUR_MILLISECONDS)
        return amount_text(EXACT.divide(gain, Decimal(passed)), digits=bill.digits)
