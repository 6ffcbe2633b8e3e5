"""
What may be known of a usage besides its quantity, for the models that price more than a quantity.

    model            looks at
    percentage       how many transactions there were, or each one's amount, in order
    time_of_use      how much was used in each band of the day
    dynamic          how much was used while each price of the series was in force
    committed        how much was used in each window, and how many windows there are
    matrix, formula  the values of the dimensions by which the price is grouped
    tiers            how much was counted before, where tiers are counted beyond the period; what
                     others used, where tiers are counted over them together
    prorated tiers   each change of a level, with the share of the period that it stands for
    a stage by run   each run of a level: what is rounded for itself
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

from tallystick.kernel import Misuse

_NOTHING = Decimal(0)


class Need(StrEnum):
    """What a model has to be told besides the quantity of a group."""

    NOTHING = "nothing"
    COUNT = "count"
    TRANSACTIONS = "transactions"
    PARTS = "parts"
    CHANGES = "changes"
    RUNS = "runs"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was used in one part of the time.

    Attributes:
        name: of the part, as the model names it: a band of the day, an instant of a series.
        quantity: in the price's unit.
    """

    name: str
    quantity: Decimal


class LevelStep(msgspec.Struct, frozen=True, kw_only=True):
    """
    A change of a level, and for how much of the period it counts.

    Attributes:
        quantity: by how much the level rises, below 0 where it falls, in the price's unit.
        share: what was left of the period then, 1 for the level at its start.
    """

    quantity: Decimal
    share: Fraction


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """
    A stretch in which a level is above 0.

    Attributes:
        seconds: how long it lasted in the period.
        per_second: what one second more of it adds to the quantity, in the price's unit.
        begins: whether it began in the period; else it was carried in.
        ends: whether it ended in the period; else it goes on.
        before: how many seconds one that was carried in lasted before the period; None: it began
            long before.
    """

    seconds: Decimal
    per_second: Fraction
    begins: bool = True
    ends: bool = True
    before: Decimal | None = None


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """
    What fills the same tiers as a usage, in the price's unit; the order decides who bears a cent.

    Attributes:
        before, after: what each other account used, in front of this one and behind it.
        earlier, later: what this account used in other parts of the time, each at its own price.
    """

    before: tuple[Decimal, ...] = ()
    after: tuple[Decimal, ...] = ()
    earlier: tuple[Decimal, ...] = ()
    later: tuple[Decimal, ...] = ()


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is known of a usage besides its quantity; what a model does not ask for may be left out.

    Attributes:
        start: quantity that filled the tiers before this usage, 0 or more, in the price's unit; of
            a level, the highest that it reached before.
        first_paid: whether the flat fee of tier one was due before, though nothing was used.
        carried: what of the allowances of periods before is left, in the price's unit.
        group: names of the dimensions with their values, in the order of the price's ``group_by``.
        parts: the quantity by parts of the time; they add up to it.
        transactions: the amount of each transaction, in the order in which they count; they add up
            to the quantity.
        count: how many transactions there were.
        windows: how many windows there are to commit to, used or not.
        changes: of a level, in order of time; each with its share comes to the quantity.
        runs: of a level, one for each series from where it is above 0 until it is not.
        together: what fills tiers that accounts share; None: it is not known.
    """

    start: Decimal = _NOTHING
    first_paid: bool = False
    carried: Decimal = _NOTHING
    group: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    transactions: tuple[Decimal, ...] = ()
    count: int = 0
    windows: int = 0
    changes: tuple[LevelStep, ...] = ()
    runs: tuple[Run, ...] = ()
    together: Together | None = None

    def value(self, name: str) -> str:
        """Return the value of a dimension, empty for one that is not there."""
        return next((value for own, value in self.group if own == name), "")


NO_DETAIL = Detail()


class Unrateable(Misuse):
    """A price and a usage that cannot be brought together: what the model needs is not there."""
