"""
A charge explained: as text for a person, as a document for a program.

    cpu: 130 hour
      allowance                1 not charged         0
      tier 1: up to 100           100 x 0.05         5
      tier 2: above 100        29 x 0.04 + 2         3.16
      exact                                          8.16 USD
      settled                                        8.16 USD

Both show every digit of the exact numbers; only the settled amount is rounded. Packages are counted
in packages, everything else in the unit of the first row.
"""

from tallystick.kernel import plain, settle
from tallystick.pricing.charge import Charge, Step

_INDENT = "  "
_GAP = "  "


def document_from_charge(charge: Charge) -> dict[str, object]:
    """
    Return a charge with its steps as text and lists, ready for JSON; numbers are plain text.

    ``exact`` is the sum of the steps, ``settled`` what a line bears, with the places of the
    currency. A step's ``quantity`` and ``unit_price`` are null where nothing is multiplied.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import FlatPrice
        >>> from tallystick.pricing.price import Price
        >>> from tallystick.pricing.rating import rate
        >>> fee = Price(key=PriceKey("fee"), model=FlatPrice(amount=Decimal(5)), currency="USD")
        >>> document_from_charge(rate(fee, Decimal(0)))["settled"]
        '5.00'
    """
    money = settle(charge.amount)
    return {
        "price": charge.price,
        "quantity": plain(charge.quantity),
        "unit": charge.unit,
        "currency": charge.amount.currency.code,
        "exact": plain(charge.amount.value),
        "settled": f"{money.decimal:f}",
        "steps": [
            {
                "label": step.label,
                "quantity": None if step.quantity is None else plain(step.quantity),
                "unit_price": None if step.unit_price is None else plain(step.unit_price),
                "flat": plain(step.flat),
                "amount": plain(step.amount),
            }
            for step in charge.steps
        ],
    }


def text_from_charge(charge: Charge) -> str:
    """
    Return a charge as aligned lines: what was rated, each step, the exact sum, the settled amount.

    Decimal points stand below each other. The text ends without a line break.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import UnitPrice
        >>> from tallystick.pricing.price import Price
        >>> from tallystick.pricing.rating import rate
        >>> model = UnitPrice(unit_price=Decimal("0.015"))
        >>> price = Price(key=PriceKey("calls"), model=model, unit="call", currency="USD")
        >>> print(text_from_charge(rate(price, Decimal(7))))
        calls: 7 call
          units    7 x 0.015  0.105
          exact               0.105 USD
          settled             0.11  USD
    """
    settled = settle(charge.amount)
    rows = [(step.label, _formula(step), plain(step.amount)) for step in charge.steps]
    rows.append(("exact", "", plain(charge.amount.value)))
    rows.append(("settled", "", f"{settled.decimal:f}"))
    label_width = max(len(label) for label, _, _ in rows)
    formula_width = max(len(formula) for _, formula, _ in rows)
    amounts = _align_points([amount for _, _, amount in rows])
    lines = [f"{charge.price}: {plain(charge.quantity)} {charge.unit}".rstrip()]
    for (label, formula, _), amount in zip(rows, amounts, strict=True):
        cells = (label.ljust(label_width), formula.rjust(formula_width), amount)
        code = f" {charge.amount.currency.code}" if label in {"exact", "settled"} else ""
        lines.append((_INDENT + _GAP.join(cells) + code).rstrip())
    return "\n".join(lines)


def _formula(step: Step) -> str:
    """Return how a step came to its amount."""
    fee = f" + {plain(step.flat)}" if step.flat else ""
    if step.quantity is None:
        return ""
    if step.unit_price is None:
        return f"{plain(step.quantity)} not charged"
    return f"{plain(step.quantity)} x {plain(step.unit_price)}{fee}"


def _align_points(numbers: list[str]) -> list[str]:
    """Return numbers padded on both sides so that their decimal points stand below each other."""
    before = max(len(number.partition(".")[0]) for number in numbers)
    behind = max(len(number.partition(".")[2]) for number in numbers)
    aligned = []
    for number in numbers:
        whole, point, places = number.partition(".")
        padding = " " * (behind - len(places) + (1 if behind and not point else 0))
        aligned.append(f"{whole.rjust(before)}{point}{places}{padding}")
    return aligned
