"""
The lines of a one-off document: each priced by the unit, settled once.

    2 hours at 75.00 and a fee of 49.90      150.00 + 49.90 = 199.90
"""

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.line import Line, LineKey
from tallystick.invoicing.manual.lines import entered_line
from tallystick.invoicing.orders import SaleOrder, SoldLine
from tallystick.kernel import (
    Done,
    InvoiceId,
    Misuse,
    Outcome,
    Period,
    PriceKey,
    Problem,
    Refused,
    instant,
    parse_decimal,
)

LINES_MAX = 200
CODE_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 500


def sold_lines(
    order: SaleOrder, basis: Basis, *, document: InvoiceId, position: int
) -> Outcome[tuple[Line, ...]]:
    """
    Return the lines of a one-off document, without taxes.

    Args:
        order: what was ordered.
        basis: of the document, see `one_off_basis`.
        document: its id.
        position: the log position that stands on its lines; no event is behind them.

    Problems:
        malformed: no line or too many, two of one code, a period that does not end behind its
            start, or a text that is empty, too long or cannot be printed.
        wrong_amount: a quantity that is not above 0, or a price below 0.
    """
    problems = order_problems(order)
    if problems:
        return Refused(tuple(problems))
    period = Period(start=instant(order.start), end=instant(order.end))
    return Done(
        tuple(
            _line(line, basis, document=document, period=period, position=position)
            for line in order.lines
        )
    )


def _line(
    sold: SoldLine, basis: Basis, *, document: InvoiceId, period: Period, position: int
) -> Line:
    key = LineKey(subscription=basis.subscription.key, price=PriceKey(sold.code), period=period)
    return entered_line(sold, key, basis, document=document, position=position)


def order_problems(order: SaleOrder) -> list[Problem]:
    """Return all that keeps an order from being fulfilled, see `sold_lines`."""
    found = [one for line in order.lines for one in _problems(line)]
    codes = {line.code for line in order.lines}
    if not 0 < len(order.lines) <= LINES_MAX or len(codes) < len(order.lines):
        message = f"give 1 to {LINES_MAX} lines, each with a code of its own"
        found.append(Problem(code="malformed", message=message, field="lines"))
    if _instant_or_none(order.start) is None or _instant_or_none(order.end) is None:
        message = "start and end are instants such as 2026-03-01T00:00:00.000000Z"
        found.append(Problem(code="malformed", message=message, field="start"))
    elif order.start >= order.end:
        message = "the service must end behind its start"
        found.append(Problem(code="malformed", message=message, field="end"))
    return found


def _problems(line: SoldLine) -> list[Problem]:
    found = []
    for field, text, limit in (
        ("code", line.code, CODE_LENGTH_MAX),
        ("description", line.description, TEXT_LENGTH_MAX),
    ):
        if not text.strip() or not text.isprintable() or len(text) > limit:
            message = f"{field} needs 1 to {limit} printable characters"
            found.append(Problem(code="malformed", message=message, field=f"lines.{field}"))
    for field, text, zero in (
        ("quantity", line.quantity, False),
        ("unit_price", line.unit_price, True),
    ):
        if not _is_amount(text, zero=zero):
            message = f"{text[:40]!r} is no {field.replace('_', ' ')} of {line.code[:40]}"
            found.append(Problem(code="wrong_amount", message=message, field=f"lines.{field}"))
    return found


def _is_amount(text: str, *, zero: bool) -> bool:
    try:
        value = parse_decimal(text)
    except Misuse:
        return False
    return value >= 0 if zero else value > 0


def _instant_or_none(text: str) -> object:
    try:
        return instant(text)
    except Misuse:
        return None
