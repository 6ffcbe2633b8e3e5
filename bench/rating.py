"""Rating beside a plain Python loop with Decimal that knows nothing of traces or models."""

import time
from collections.abc import Iterator
from decimal import Decimal

from bench.rows import Row
from tallystick.kernel import Done
from tallystick.pricing import price_from_document, rate

CHARGES = 50_000
ALLOWANCE = Decimal(10)
DISCOUNT = Decimal("0.10")
BOUNDS = (Decimal(100), Decimal(1000))
PRICES = (Decimal("0.05"), Decimal("0.04"), Decimal("0.03"))


def measure_rating() -> Iterator[Row]:
    """Yield one row: three tiers with allowance and discount, trace included."""
    tiers = [
        {"up_to": "100", "unit_price": "0.05"},
        {"up_to": "1000", "unit_price": "0.04"},
        {"unit_price": "0.03"},
    ]
    document = {
        "key": "cpu",
        "model": "graduated",
        "meter": "cpu",
        "unit": "hour",
        "currency": "USD",
        "allowance": "10",
        "discounts": [{"percent": "10"}],
        "tiers": tiers,
    }
    read = price_from_document(document)
    assert isinstance(read, Done), read
    quantities = [Decimal(number % 3000) / 7 for number in range(CHARGES)]
    started = time.process_time()
    ours = [rate(read.value, quantity).amount.value for quantity in quantities]
    own_seconds = time.process_time() - started
    started = time.process_time()
    plain = [_plain(quantity) for quantity in quantities]
    plain_seconds = time.process_time() - started
    assert all(abs(a - b) < Decimal("1e-20") for a, b in zip(ours, plain, strict=True))
    yield Row(
        work="rating, three tiers, allowance, discount",
        figure=f"{CHARGES / own_seconds:,.0f} charges/s",
        rival=f"plain Decimal loop {CHARGES / plain_seconds:,.0f}",
        ratio=f"{plain_seconds / own_seconds:.2f}",
        note="one core, trace of every step included",
    )


def _plain(quantity: Decimal) -> Decimal:
    rest = max(Decimal(0), quantity - ALLOWANCE)
    total, lower = Decimal(0), Decimal(0)
    for bound, price in zip((*BOUNDS, None), PRICES, strict=True):
        part = rest - lower if bound is None else min(rest, bound) - lower
        if part > 0:
            total += part * price
        lower = bound or lower
    return total - total * DISCOUNT
