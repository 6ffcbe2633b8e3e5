"""
Credit that lowers the lines of a document before tax: grants of `discount` and `prepaid_taxed`.

It comes behind coupons and bounds and before taxes, as a step of each line that it lowers, marked
with the grant. So a line is net of it: tax, income, corrections and credit notes follow from the
line.

    calls 90.00; a welcome grant of 50.00        90.00 - 50.00 = 40.00

A key keeps what credit documents before took for it (`held`); what it comes to beyond that and
beyond what was charged may take more. Which lots may be used is decided by the line: those that
hold something at the last instant of a service paid in arrears, or at the first one of a service
paid in advance, and those that do as the document is issued (`taking`). Lots are asked in burn
order, lines in theirs (`credits.cover`).

A consolidated document is covered as a whole. A line of a section uses what its contract knows of:
the credit of its account, and of those above it up to the payer.
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
    Movement,
    Need,
    Part,
    Use,
    cover,
    joined,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.credited.held import NOTHING_HELD, Held, held_by_key, kept, sum_of
from tallystick.invoicing.credited.taking import LOWERING, supplies, taking
from tallystick.invoicing.due import item_of
from tallystick.invoicing.line import CREDIT_ORIGIN, LineKey, line_id
from tallystick.invoicing.replay import Billed, Identity, Replayed
from tallystick.invoicing.whole import plan_of, with_steps
from tallystick.kernel import EXACT, AccountKey, Amount, InvoiceId, Money, settle
from tallystick.pricing import Charge, Step

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A line that credit may lower: what it comes to before credit, and what was charged before."""

    key: LineKey
    charge: Charge
    before: Money


class Credit:
    """The credit that lowers lines of a document's contracts, as its basis knows it."""

    def __init__(self, basis: Basis, billed: Iterable[Billed]) -> None:
        """Take up what is known; without credit in the basis nothing is lowered."""
        self._basis = basis
        known = {one.subscription.key: one for one in basis.contracts if one.credits is not None}
        self._holders = {key: _holders(one.credits) for key, one in known.items()}
        asked = (one.credits_at for one in known.values() if one.credits_at is not None)
        self._asked = max(asked, default=None)
        history = joined(one.credits for one in known.values() if one.credits is not None)
        self._grants: Mapping[object, Grant] = {one.key: one for one in history.grants}
        self.history, self._held = history, NOTHING_HELD
        if history.grants:
            own = [line for line in billed if line.key.subscription in known]
            self.history, self._held = held_by_key(history, own, self._asking)

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
    ) -> Mapping[Identity, tuple[Charge, tuple[Movement, ...]]]:
        """
        Return the charges of those lines of a document that credit lowers further.

        With each stand the movements that take it.

        Args:
            document: that takes it.
            lines: in their order, each as it comes to before credit.
        """
        history = self.history
        if not any(one.treatment in LOWERING for one in history.grants):
            return {}
        found: dict[Identity, tuple[Charge, tuple[Movement, ...]]] = {}
        by_instant = sorted(lines, key=lambda line: self._at(line.key))
        for at, chosen in groupby(by_instant, key=lambda line: self._at(line.key)):
            group = list(chosen)
            for line, parts in self._cover(history, at, group):
                of = (line_id(document, line.key), document)
                made = taking(history, of, parts, at=at, asked=self._asked)
                for movement in made:
                    history = history.moved(movement)
                taken = [part for movement in made for part in movement.parts]
                before = [one.part for one in self._kept(line.key, line.charge)]
                charge = self._lowered(line.charge, [*before, *taken])
                found[line.key.identity] = (charge, made)
        return found

    def net(self, document: InvoiceId, lines: Sequence[Open]) -> Mapping[Identity, Charge]:
        """Return what lines of an invoice come to with credit, whether it lowers them or not."""
        found = {one.key.identity: self.kept(one.key, one.charge) for one in lines}
        covered = self.covered(document, lines)
        return found | {identity: charge for identity, (charge, _) in covered.items()}

    def _cover(
        self, history: CreditHistory, at: datetime, lines: Sequence[Open]
    ) -> Iterable[tuple[Open, tuple[Part, ...]]]:
        """Yield what lots take off lines whose services ask for one instant."""
        needs = [self._need(line) for line in lines]
        covers = cover(needs, supplies(history, at, self._asked))
        for place, line in enumerate(lines):
            parts = tuple(
                Part(lot=one.lot, amount=one.amount) for one in covers if one.need == place
            )
            if parts:
                yield line, parts

    def _need(self, line: Open) -> Need:
        holders = self._holders.get(line.key.subscription, frozenset())
        kept_of_it = sum_of(one.part for one in self._kept(line.key, line.charge))
        due = EXACT.subtract(settle(line.charge.amount).decimal, kept_of_it)
        missing = EXACT.subtract(due, line.before.decimal)
        price = self._basis.price_of(line.key)
        return Need(
            amount=max(missing, Decimal(0)),
            of=line.before.currency,
            use=Use(
                price=line.key.price,
                plan=plan_of(self._basis.of(line.key.subscription), line.key),
                meter=None if price is None else price.meter,
                holders=holders,
            ),
        )

    def _kept(self, key: LineKey, charge: Charge) -> tuple[Held, ...]:
        return kept(self.held(key), settle(charge.amount).decimal)

    def _asking(self, key: LineKey) -> tuple[datetime, datetime | None]:
        return (self._at(key), self._asked)

    def _at(self, key: LineKey) -> datetime:
        """Return the instant of the service for which a line asks; never behind that of issue."""
        item = item_of(self._basis.of(key.subscription), key.price, key.period)
        last = key.period.end - _MOMENT
        at = last if item is None else min(item.due_at, last)
        return at if self._asked is None else min(at, self._asked)

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


def with_kept(
    basis: Basis, found: Iterable[Replayed], *, billed: Iterable[Billed]
) -> tuple[Replayed, ...]:
    """Return keys that are priced again with what credit took for them before."""
    credit = Credit(basis, billed)
    return tuple(replace(one, charge=credit.kept(one.key, one.charge)) for one in found)


def without_credit(charge: Charge) -> Charge:
    """Return a charge without the steps of credit, which are its last."""
    steps = tuple(step for step in charge.steps if not step.origin.startswith(CREDIT_ORIGIN))
    value = charge.amount.value
    for step in charge.steps[len(steps) :]:
        value = EXACT.subtract(value, step.amount)
    amount = Amount(value=value, currency=charge.amount.currency)
    return msgspec.structs.replace(charge, amount=amount, steps=steps)


def _holders(history: CreditHistory | None) -> frozenset[AccountKey]:
    return frozenset(() if history is None else (one.account for one in history.grants))
