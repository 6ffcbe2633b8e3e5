"""
Percentage price: a part of each transaction's amount, and a fixed part for each transaction.

    1.3 % + 2.00 each; 3 transactions or 250 free, whichever is used up first
    transactions of 50, 100, 250, 400

    50 and 100 are free; of 250 another 100 are free, so 150 pay 1.95 + 2.00; 400 pay 5.20 + 2.00
    together 11.15

A transaction is free while neither limit is used up; the one that crosses the free amount is free
in part and pays its fixed part. Minimum and maximum apply to each transaction that pays, on
percentage and fixed part together. An amount below zero pays nothing.

The quantity is the sum of the amounts, in the currency. Without free transactions, free amount,
minimum and maximum the sum and the number of transactions say it all; otherwise each amount is
needed, in order.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, Problem, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Need, Unrateable
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentagePrice:
    """
    A percentage of the amounts and a fee for each.

    Attributes:
        percent: of each amount, 0 or more: 2.9 for 2.9 %.
        fixed: fee of each transaction that pays, in major units.
        free_transactions: how many are free, 0 or more; None for no such limit.
        free_amount: how much of the amounts is free, in major units; None for no such limit.
        transaction_minimum: the least that a transaction which pays costs; None for no bound.
        transaction_maximum: the most that it costs; None for no bound.
    """

    percent: Decimal
    fixed: Decimal = _NOTHING
    free_transactions: Decimal | None = None
    free_amount: Decimal | None = None
    transaction_minimum: Decimal | None = None
    transaction_maximum: Decimal | None = None
    rate: Decimal = field(init=False, repr=False, compare=False)
    label: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse negative numbers and a minimum above the maximum."""
        numbers = (
            ("percent", self.percent),
            ("fixed", self.fixed),
            ("free_transactions", self.free_transactions),
            ("free_amount", self.free_amount),
            ("transaction_minimum", self.transaction_minimum),
            ("transaction_maximum", self.transaction_maximum),
        )
        problems = [
            problem
            for name, value in numbers
            if value is not None
            for problem in negative_problems(name, value)
        ]
        low, high = self.transaction_minimum, self.transaction_maximum
        if not problems and low is not None and high is not None and low > high:
            message = f"must not be below transaction_minimum {plain(low)}"
            problems.append(
                Problem(code="bounds_crossed", message=message, field="transaction_maximum")
            )
        require(problems)
        object.__setattr__(self, "rate", EXACT.multiply(self.percent, _HUNDREDTH))
        object.__setattr__(self, "label", f"{plain(self.percent)} %")


def percentage_need(model: PercentagePrice) -> Need:
    """
    Return what has to be known: each amount, or how many there were, or the sum alone.

    Example:
        >>> percentage_need(PercentagePrice(percent=Decimal("2.9"))).value
        'nothing'
    """
    bounds = (
        model.free_transactions,
        model.free_amount,
        model.transaction_minimum,
        model.transaction_maximum,
    )
    if any(bound is not None for bound in bounds):
        return Need.TRANSACTIONS
    return Need.COUNT if model.fixed else Need.NOTHING


def rate_percentage(
    model: PercentagePrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the steps: what was free, the percentage, the fixed parts, and what the bounds changed.

    Args:
        model: the percentage and what surrounds it.
        quantity: sum of the amounts, 0 or more.
        detail: the amounts, or their number; as `percentage_need` asks.

    Raises:
        Unrateable: the amounts, or their number, are needed and not there.

    Example:
        >>> model = PercentagePrice(percent=Decimal("1.2"), fixed=Decimal("0.10"))
        >>> [step.amount for step in rate_percentage(model, Decimal(50), Detail(count=1))]
        [Decimal('0.600'), Decimal('0.10')]
    """
    if percentage_need(model) is Need.TRANSACTIONS:
        if quantity and not detail.transactions:
            raise Unrateable("a percentage with free transactions or bounds needs each amount")
        return _by_transaction(model, detail.transactions)
    count = len(detail.transactions) or detail.count
    if quantity and model.fixed and not count:
        raise Unrateable("a percentage with a fixed part needs the number of transactions")
    return _steps(model, paid=quantity, count=count)


@dataclass(slots=True, kw_only=True)
class _Sums:
    """What transactions come to, as they are added."""

    free: Decimal = _NOTHING
    free_count: int = 0
    paid: Decimal = _NOTHING
    count: int = 0
    raised: Decimal = _NOTHING
    raised_count: int = 0
    lowered: Decimal = _NOTHING
    lowered_count: int = 0


def _by_transaction(model: PercentagePrice, amounts: tuple[Decimal, ...]) -> tuple[Step, ...]:
    sums = _Sums()
    for index, given in enumerate(amounts):
        amount = max(given, _NOTHING)
        free = _free_part(model, sums, amount, index=index)
        paid = EXACT.subtract(amount, free)
        sums.free = EXACT.add(sums.free, free)
        if (free and not paid) or (not amount and _is_free(model, sums, index)) or given < 0:
            sums.free_count += 1
        else:
            _pay(model, sums, paid)
    return _steps(model, paid=sums.paid, count=sums.count, sums=sums)


def _is_free(model: PercentagePrice, sums: _Sums, index: int) -> bool:
    limits = (model.free_transactions, model.free_amount)
    used = (Decimal(index), sums.free)
    given = [
        (limit, so_far) for limit, so_far in zip(limits, used, strict=True) if limit is not None
    ]
    return bool(given) and all(so_far < limit for limit, so_far in given)


def _free_part(model: PercentagePrice, sums: _Sums, amount: Decimal, *, index: int) -> Decimal:
    if not _is_free(model, sums, index):
        return _NOTHING
    if model.free_amount is None:
        return amount
    return min(amount, EXACT.subtract(model.free_amount, sums.free))


def _pay(model: PercentagePrice, sums: _Sums, paid: Decimal) -> None:
    cost = EXACT.fma(paid, model.rate, model.fixed)
    sums.paid = EXACT.add(sums.paid, paid)
    sums.count += 1
    low, high = model.transaction_minimum, model.transaction_maximum
    if low is not None and cost < low:
        sums.raised = EXACT.add(sums.raised, EXACT.subtract(low, cost))
        sums.raised_count += 1
    elif high is not None and cost > high:
        sums.lowered = EXACT.add(sums.lowered, EXACT.subtract(cost, high))
        sums.lowered_count += 1


def _steps(
    model: PercentagePrice, *, paid: Decimal, count: int, sums: _Sums | None = None
) -> tuple[Step, ...]:
    steps = []
    if sums is not None and sums.free_count + bool(sums.free):
        label = f"free, transactions: {sums.free_count}"
        steps.append(
            Step(label=label, quantity=sums.free, unit_price=None, flat=_NOTHING, amount=_NOTHING)
        )
    steps.append(
        Step(
            label=model.label,
            quantity=paid,
            unit_price=model.rate,
            flat=_NOTHING,
            amount=EXACT.multiply(paid, model.rate),
        )
    )
    if model.fixed:
        many = Decimal(count)
        amount = EXACT.multiply(many, model.fixed)
        steps.append(
            Step(
                label="for each transaction",
                quantity=many,
                unit_price=model.fixed,
                flat=_NOTHING,
                amount=amount,
            )
        )
    if sums is not None and sums.raised:
        label = f"raised to the minimum, transactions: {sums.raised_count}"
        steps.append(_fee(label, sums.raised))
    if sums is not None and sums.lowered:
        label = f"lowered to the maximum, transactions: {sums.lowered_count}"
        steps.append(_fee(label, EXACT.minus(sums.lowered)))
    return tuple(steps)


def _fee(label: str, amount: Decimal) -> Step:
    return Step(label=label, quantity=None, unit_price=None, flat=amount, amount=amount)
