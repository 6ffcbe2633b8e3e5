"""
Credit that lowers the lines of a document before tax: grants of `discount` and `prepaid_taxed`.

It comes behind coupons and bounds and before taxes, as a step of each line that it lowers, marked
with the grant. So a line is net of it: tax, income, corrections and credit notes follow from the
line.

    calls 90.00; a welcome grant of 50.00        90.00 - 50.00 = 40.00

A key keeps what credit documents before took for it (`held`); what it comes to beyond that and
beyond what was charged may take more. Which lots may be used is decided by the line: those that
hold something at the last instant of a service paid in arrears, or at the first one of a service
paid in advance. Lots are asked in burn order, lines in theirs (`credits.cover`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import msgspec

from tallystick.credits import (
    CreditHistory,
    Grant,
    Lot,
    Movement,
    MovementKind,
    Need,
    Part,
    Treatment,
    Use,
    cover,
    supplies_at,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.credited.held import NOTHING_HELD, Held, held_by_key, kept, sum_of
from tallystick.invoicing.due import item_of
from tallystick.invoicing.line import CREDIT_ORIGIN, LineKey, line_id
from tallystick.invoicing.replay import Billed, Identity
from tallystick.invoicing.whole import plan_of, with_steps
from tallystick.kernel import EXACT, Amount, Currency, InvoiceId, Money, settle
from tallystick.pricing import Charge, Step

_MOMENT = timedelta(microseconds=1)
_LOWERING = frozenset({Treatment.DISCOUNT, Treatment.PREPAID_TAXED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A line that credit may lower: what it comes to before credit, and what was charged before."""

    key: LineKey
    charge: Charge
    before: Money


class Credit:
    """The credit that lowers lines of one contract, as its basis knows it."""

    def __init__(self, basis: Basis, billed: Iterable[Billed]) -> None:
        """Take up what is known; without credit in the basis nothing is lowered."""
        self._basis = basis
        history = basis.credits or CreditHistory()
        self._grants: Mapping[object, Grant] = {one.key: one for one in history.grants}
        self.history, self._held = history, NOTHING_HELD
        if history.grants:
            self.history, self._held = held_by_key(history, billed, self._at)

    def held(self, key: LineKey) -> tuple[Held, ...]:
        """Return what documents before took for a key."""
        return self._held.get(key.identity, ())

    def kept(self, key: LineKey, charge: Charge) -> Charge:
        """Return a charge with what credit took for the key before, as far as it comes to it."""
        held = self.held(key)
        if not held:
            return charge
        return self._lowered(charge, [one.part for one in self._kept(key, charge)])

    def brings_back(self, key: LineKey, charge: Charge | None) -> bool:
        """Tell whether a key comes to less than credit took for it; None: it comes to nothing."""
        whole = Decimal(0) if charge is None else settle(charge.amount).decimal
        return sum_of(one.part for one in self.held(key)) > max(whole, Decimal(0))

    def covered(
        self, document: InvoiceId, lines: Sequence[Open]
    ) -> Mapping[Identity, tuple[Charge, Movement]]:
        """
        Return the charges of those lines of a document that credit lowers further.

        With each stands the movement that takes it.

        Args:
            document: that takes it.
            lines: in their order, each as it comes to before credit.
        """
        history = self.history
        if not any(one.treatment in _LOWERING for one in history.grants):
            return {}
        found: dict[Identity, tuple[Charge, Movement]] = {}
        by_instant = sorted(lines, key=lambda line: self._at(line.key))
        for at, chosen in groupby(by_instant, key=lambda line: self._at(line.key)):
            for line, movement in self._cover(history, document, at, list(chosen)):
                history = history.moved(movement)
                parts = [one.part for one in self._kept(line.key, line.charge)]
                charge = self._lowered(line.charge, [*parts, *movement.parts])
                found[line.key.identity] = (charge, movement)
        return found

    def _cover(
        self, history: CreditHistory, document: InvoiceId, at: datetime, lines: Sequence[Open]
    ) -> Iterable[tuple[Open, Movement]]:
        """Yield what lots that hold something at an instant take off lines."""
        needs = [self._need(line) for line in lines]
        covers = cover(needs, supplies_at(history, at, _lowers))
        for place, line in enumerate(lines):
            parts = tuple(
                Part(lot=one.lot, amount=one.amount) for one in covers if one.need == place
            )
            if parts:
                yield (
                    line,
                    Movement(
                        key=line_id(document, line.key),
                        kind=MovementKind.BURNED,
                        at=at,
                        parts=parts,
                        source=document,
                    ),
                )

    def _need(self, line: Open) -> Need:
        kept_of_it = sum_of(one.part for one in self._kept(line.key, line.charge))
        due = EXACT.subtract(settle(line.charge.amount).decimal, kept_of_it)
        missing = EXACT.subtract(due, line.before.decimal)
        price = self._basis.price_of(line.key)
        return Need(
            amount=max(missing, Decimal(0)),
            of=self._basis.currency,
            use=Use(
                price=line.key.price,
                plan=plan_of(self._basis, line.key),
                meter=None if price is None else price.meter,
            ),
        )

    def _kept(self, key: LineKey, charge: Charge) -> tuple[Held, ...]:
        return kept(self.held(key), settle(charge.amount).decimal)

    def _at(self, key: LineKey) -> datetime:
        """Return the instant whose lots a line may use; see above."""
        item = item_of(self._basis, key.price, key.period)
        last = key.period.end - _MOMENT
        return last if item is None else min(item.due_at, last)

    def _lowered(self, charge: Charge, parts: Sequence[Part]) -> Charge:
        """Return a charge with a step for each part; what is covered in full leaves nothing."""
        for part in parts:
            is_all = settle(charge.amount).decimal == part.amount
            off = EXACT.minus(charge.amount.value if is_all else part.amount)
            charge = with_steps(charge, [self._step(part, off)])
        return charge

    def _step(self, part: Part, off: Decimal) -> Step:
        grant = self._grants[part.lot.grant]
        return Step(
            label=grant.name or grant.key,
            quantity=None,
            unit_price=None,
            flat=off,
            amount=off,
            origin=f"{CREDIT_ORIGIN}{grant.key}:{part.lot.number}",
        )


def _lowers(lot: Lot) -> bool:
    return lot.grant.treatment in _LOWERING


def without_credit(charge: Charge) -> Charge:
    """Return a charge without the steps of credit, which are its last."""
    steps = tuple(step for step in charge.steps if not step.origin.startswith(CREDIT_ORIGIN))
    value = charge.amount.value
    for step in charge.steps[len(steps) :]:
        value = EXACT.subtract(value, step.amount)
    amount = Amount(value=value, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=steps)


def holds_credit(basis: Basis, billed: Iterable[Billed]) -> bool:
    """Tell whether credit lowered anything that was billed of a contract, and lowers it still."""
    lines = tuple(billed)
    credit = Credit(basis, lines)
    return any(credit.held(line.key) for line in lines)


def lowering(history: CreditHistory, unit: Currency, *, entity: str) -> CreditHistory | None:
    """
    Return what of an account's credit may lower lines; None: nothing of it.

    Args:
        history: all that is known of it.
        unit: the currency of the lines.
        entity: key of the legal entity that issues them; what another one sold is not used.
    """
    grants = tuple(
        one
        for one in history.grants
        if one.treatment in _LOWERING and one.of == unit and one.legal_entity in {"", entity}
    )
    if not grants:
        return None
    keys = frozenset(one.key for one in grants)
    movements = (
        replace(one, parts=tuple(part for part in one.parts if part.lot.grant in keys))
        for one in history.movements
    )
    return CreditHistory(
        grants=grants,
        voids=tuple(one for one in history.voids if one.grant in keys),
        movements=tuple(one for one in movements if one.parts),
    )
