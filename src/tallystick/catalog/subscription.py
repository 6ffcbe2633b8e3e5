"""
The declaration of a subscription.

It stands in the catalog because a catalog document declares it and a `Catalog` holds it; what
follows from it in time (terms, periods, proration) is the subject of package ``subscriptions``,
which re-exports the types.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import msgspec

from tallystick.catalog.features import Entitlement
from tallystick.kernel import AccountKey, PlanKey, PriceKey, SubscriptionKey
from tallystick.pricing import Price

# How much of what a contract takes, in the order of the keys; what is not named is taken once.
Quantities: TypeAlias = tuple[tuple[PriceKey, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOn:
    """
    A plan version that is taken beside the contract's plan.

    Attributes:
        plan: of a plan that is an add-on; an entry stands in for an earlier one of the same plan.
        quantity: how many are taken, 0 or more; 0: none from here on.
        until: it ends before this instant; None: with the contract.
        trial_end: until before this instant its fees are free; None: while the contract's are.
    """

    plan: PlanKey
    version: int
    quantity: Decimal = Decimal(1)
    until: datetime | None = None
    trial_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountByHand:
    """
    What a derived amount is to be instead; without any number the derived one holds again.

    It is of the service period that begins when the change that holds it takes effect.

    Attributes:
        price: key that the price has in the contract.
        group: values of the price's ``group_by``, in that order.
        quantity: in the price's unit, in place of what was measured or is taken.
        unit_price: for one of the quantity, in major units, in place of the price's model.
        amount: in major units, in place of everything.
        reason: why, in a person's words; stands on the line.
        by: who said so, as the audit names callers.
    """

    price: PriceKey
    group: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    reason: str
    by: str

    @property
    def changes_amount(self) -> bool:
        """Tell whether another amount is to hold than the derived one."""
        return (self.quantity, self.unit_price, self.amount) != (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """
    What is held back of a contract at one level; it is, as long as any level holds it back.

    Attributes:
        level: who blocks: ``contract``, or a name such as ``account:acme``.
        billing: whether nothing is charged; None: as this level said before, so for the others.
        change: whether no other change is agreed on.
        entitlement: whether nothing may be used.
    """

    level: str = "contract"
    billing: bool | None = None
    change: bool | None = None
    entitlement: bool | None = None


class ManualKind(StrEnum):
    """
    Why a person orders a line.

    ``one_off``: sold or given back once.  ``goodwill``, ``dispute``: given back out of kindness, or
    because the payer objected.  ``write_off``: given up, a loss and no less of income.  ``tax``: a
    tax that a person worked out; it bears none itself, and is owed, not earned.
    """

    ONE_OFF = "one_off"
    GOODWILL = "goodwill"
    DISPUTE = "dispute"
    WRITE_OFF = "write_off"
    TAX = "tax"


class ManualLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    A line that a person ordered, to stand on the contract's next regular document.

    Numbers are plain decimal text, instants are in UTC with six fraction digits.

    Attributes:
        code: books it, as ``setup``.
        description: stands on the document.
        unit_price: of one, in major units of the contract's currency; below 0 gives back.
        start, end: of the service, half-open; two lines of one kind and code begin apart.
        reason: why, in a person's words.
        by: who ordered it, as the audit names callers.
        quantity: above 0, in ``unit``, which is for people and may be empty.
        tax_category: what tax rules call this kind of product; empty: none in particular.
    """

    kind: ManualKind
    code: str
    description: str
    unit_price: str
    start: str
    end: str
    reason: str
    by: str
    quantity: str = "1"
    unit: str = ""
    tax_category: str = ""

    @property
    def price(self) -> PriceKey:
        """Return what stands for a price in the line's key; no declared key has a space."""
        return PriceKey(f"{self.kind} {self.code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """
    For how long a contract is agreed on.

    Attributes:
        periods: billing periods of one term, 1 or more.
        renews: whether another term follows; else the contract ends with it.
        notice_days: days before the end of a term up to which it can be ended then.
    """

    periods: int
    renews: bool = False
    notice_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChange:
    """
    What is agreed anew from an instant on; what it leaves out stays as it was.

    Attributes:
        at: when it takes effect; later than the change before it, or at the same instant.
        plan: the plan version that holds from here on; with ``version``, or both None.
        anchor: the local date from which anniversary boundaries are counted from here on.
        quantities: of prices without a meter (seats, licences), 0 or more.
        paused: True: nothing is charged from here on; False: the contract is resumed.
        restart_tiers: True: tiers are counted anew from here on; else they go on where the part of
            the period before left them.
        add_ons: taken, altered or given up from here on.
        prices: that this contract pays from here on, in place of its plans' of the same keys.
        plan_prices: keys of such prices for which those of the plans hold again.
        amounts: set by hand, of the service periods that begin at this instant.
        fees: charged once, when this takes effect: flat prices, each under a key of its own.
        blocks: set or lifted from here on.
        entitlements: that this contract grants from here on, over those of its plans.
        plan_entitlements: keys of such features for which those of the plans hold again.
    """

    at: datetime
    plan: PlanKey | None = None
    version: int | None = None
    anchor: date | None = None
    quantities: Quantities = ()
    paused: bool | None = None
    restart_tiers: bool = False
    add_ons: tuple[AddOn, ...] = ()
    prices: tuple[Price, ...] = ()
    plan_prices: tuple[PriceKey, ...] = ()
    amounts: tuple[AmountByHand, ...] = ()
    fees: tuple[Price, ...] = ()
    blocks: tuple[Block, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    plan_entitlements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """
    An account's contract, from ``start`` until before ``end`` (None: open).

    Attributes:
        plan: the plan, with its ``version``, that holds from the start on.
        anchor: the local date, in the payer's zone, from which anniversary boundaries are counted.
        trial_end: until before this instant fees are free; usage is not.
        quantities: of prices without a meter, from the start on.
        add_ons: taken from the start on.
        prices: that this contract pays from the start on, in place of its plans' of the same keys.
        entitlements: that this contract grants from the start on, over those of its plans.
        currency: in which it is billed; None: in that of its plans.
        changes: what was agreed since, in order of time.
        usable_from: before ``start``: it may be used from here on, and is charged from there.
        term: for how long it is agreed on; None: until somebody ends it.
        manual: lines that were ordered and not taken back, in the order in which they were.
    """

    key: SubscriptionKey
    account: AccountKey
    plan: PlanKey
    version: int
    legal_entity: str
    start: datetime
    end: datetime | None = None
    anchor: date
    trial_end: datetime | None = None
    quantities: Quantities = ()
    add_ons: tuple[AddOn, ...] = ()
    prices: tuple[Price, ...] = ()
    currency: str | None = None
    changes: tuple[ContractChange, ...] = ()
    usable_from: datetime | None = None
    term: Term | None = None
    manual: tuple[ManualLine, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    @property
    def agreed(self) -> "tuple[Subscription | ContractChange, ...]":
        """Return what was agreed on, in order of time: the declaration, then each change."""
        return (self, *self.changes)

    @property
    def own_prices(self) -> tuple[Price, ...]:
        """Return the prices that are the contract's own, then what it is charged once."""
        own = [price for one in self.agreed for price in one.prices]
        return (*own, *(fee for change in self.changes for fee in change.fees))
