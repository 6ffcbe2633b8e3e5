"""
A price: a model, what it applies to, and what surrounds the model.

A flat price stands alone. Every other model prices the quantity of a meter, in a unit into which
the meter's own converts, after rounding, allowance and discounts in that unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from tallystick.kernel import (
    Currency,
    Interval,
    MeterKey,
    Misuse,
    PriceKey,
    Problem,
    currency,
    custom_currency,
    is_key,
)
from tallystick.pricing.detail import Need
from tallystick.pricing.models import (
    KIND_BY_TYPE,
    FlatPrice,
    FormulaPrice,
    GraduatedPrice,
    MatrixPrice,
    Model,
    PackagePrice,
    PercentagePrice,
    SpendPrice,
    StairstepPrice,
    VolumePrice,
)
from tallystick.pricing.stages import Discount, EachRun, QuantityRounding, Rollover
from tallystick.pricing.validity import negative_problems, require

Cadence: TypeAlias = Literal["advance", "arrears"]
PriceAlignment: TypeAlias = Literal["calendar", "anniversary"]
TierScope: TypeAlias = Literal["period", "contract", "tree"]

# What a price says once for all currencies in which it is declared.
SHARED = (
    "key",
    "meter",
    "unit",
    "allowance",
    "cadence",
    "interval",
    "alignment",
    "group_by",
    "each_run",
    "minimum_quantity",
    "rounding",
    "tax_category",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """
    What something costs, in one currency.

    Attributes:
        key: natural, immutable.
        model: how a quantity becomes money.
        meter: whose quantity is priced; None for a flat fee, or where the caller brings a quantity.
        unit: of the quantity, the allowance and the model's numbers; None for a flat fee, or where
            the meter's own unit is meant.
        currency: ISO 4217 code, or the code of a custom unit.
        allowance: quantity included before the model prices the rest, 0 or more.
        rollover: how what is left of the allowance goes on; None: it is lost with its period.
        tiers_over: whether tiers are counted anew with each period, over the contract, or in each
            period over all accounts of the payer's tree together.
        cadence: whether it falls due at a period's start or at its end.
        interval: of its own periods; None for those of the plan.
        alignment: how the boundaries of its own interval lie; None: as those of the plan.
        group_by: dimensions; each combination of their values is rated on its own.
        each_run: what each run of a level counts at least, before all else; None for as it was.
        minimum_quantity: what a quantity above 0 is raised to, in the price's unit, 0 for nothing.
        rounding: of the quantity, before the allowance; None for none.
        discounts: of units, amounts and percentages, applied in this order of kinds.
        minimum: the least that a period and group costs, in major units; None for no bound.
        maximum: the most that it costs; None for no bound.
        tax_category: what tax rules call this kind of product; empty: none in particular.
        currency_exponent: decimal places of a custom unit such as credits; None for ISO 4217.
        stated: the same price as it is declared in other currencies; each alike but for its money.
        money: the currency itself, derived.
        unit_discounts: those discounts that take off units, derived.
        money_discounts: the others, amounts before percentages, derived.
        reduces: whether any stage comes before the model, derived.
        adjusts: whether any stage comes after it, derived.
    """

    key: PriceKey
    model: Model
    meter: MeterKey | None = None
    unit: str | None = None
    currency: str
    allowance: Decimal = Decimal(0)
    rollover: Rollover | None = None
    tiers_over: TierScope = "period"
    cadence: Cadence = "arrears"
    interval: Interval | None = None
    alignment: PriceAlignment | None = None
    group_by: tuple[str, ...] = ()
    each_run: EachRun | None = None
    minimum_quantity: Decimal = Decimal(0)
    rounding: QuantityRounding | None = None
    discounts: tuple[Discount, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    tax_category: str = ""
    currency_exponent: int | None = None
    stated: tuple["Price", ...] = ()
    money: Currency = field(init=False, repr=False, compare=False)
    unit_discounts: tuple[Discount, ...] = field(init=False, repr=False, compare=False)
    money_discounts: tuple[Discount, ...] = field(init=False, repr=False, compare=False)
    reduces: bool = field(init=False, repr=False, compare=False)
    adjusts: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what could not be rated or would be read in two ways."""
        require(_price_problems(self))
        object.__setattr__(self, "money", _money(self))
        units = tuple(discount for discount in self.discounts if discount.usage is not None)
        amounts = [discount for discount in self.discounts if discount.amount is not None]
        others = [each for each in self.discounts if each not in units and each not in amounts]
        object.__setattr__(self, "unit_discounts", units)
        object.__setattr__(self, "money_discounts", (*amounts, *others))
        rounded = self.each_run or self.rounding or self.minimum_quantity
        before = self.allowance or rounded or units
        object.__setattr__(self, "reduces", bool(before))
        bounds = self.minimum is not None or self.maximum is not None
        object.__setattr__(self, "adjusts", bool(self.money_discounts) or bounds)

    def stated_in(self, code: str) -> "Price":
        """
        Return the price as it is declared in a currency; this one, to be converted, if it is not.

        What is returned is declared in one currency alone.
        """
        if not self.stated:
            return self
        found = next((price for price in self.stated if price.currency == code), self)
        return replace(found, stated=()) if found.stated else found

    @property
    def reaches_back(self) -> bool:
        """Whether what it comes to depends on the usage of periods before."""
        return self.rollover is not None or self.tiers_over == "contract"

    @property
    def shares_tiers(self) -> bool:
        """Whether all accounts of the payer's tree that pay it fill its tiers together."""
        return self.tiers_over == "tree"

    @property
    def need(self) -> Need:
        """Return what has to be known besides the quantity."""
        if self.each_run is not None:
            return Need.RUNS
        return KIND_BY_TYPE[type(self.model)].need(self.model)


def _money(price: Price) -> Currency:
    if price.currency_exponent is None:
        return currency(price.currency)
    return custom_currency(price.currency, price.currency_exponent)


def _price_problems(price: Price) -> Iterator[Problem]:
    if not is_key(price.key):
        message = f"{price.key[:60]!r} is not a key: letters, digits and . _ : @ / - only"
        yield Problem(code="invalid_key", message=message, field="key")
    try:
        _money(price)
    except Misuse as error:
        yield Problem(code="unknown_currency", message=str(error), field="currency")
    yield from _number_problems(price)
    if price.meter is not None and price.cadence == "advance":
        message = "usage is known only at a period's end; leave cadence out"
        yield Problem(code="usage_in_advance", message=message, field="cadence")
    if price.alignment is not None and price.interval is None:
        message = "belongs to an interval of the price's own; give one, or leave it out"
        yield Problem(code="alignment_without_interval", message=message, field="alignment")
    if len(set(price.group_by)) < len(price.group_by):
        message = "names a dimension twice"
        yield Problem(code="duplicate_dimension", message=message, field="group_by")
    if isinstance(price.model, FlatPrice | SpendPrice):
        yield from _fee_problems(price)
    if isinstance(price.model, SpendPrice):
        yield from _spend_problems(price, price.model)
    yield from _model_problems(price)
    yield from _stated_problems(price)


def _stated_problems(price: Price) -> Iterator[Problem]:
    """Yield a problem for each other currency in which more than the money is another."""
    codes = [price.currency, *(other.currency for other in price.stated)]
    if len(set(codes)) < len(codes):
        message = "names a currency twice, or the price's own"
        yield Problem(code="duplicate_currency", message=message, field="currencies")
    for other in price.stated:
        shared = [name for name in SHARED if getattr(other, name) != getattr(price, name)]
        shared += ["tiers_over"] if other.shares_tiers != price.shares_tiers else []
        if shared or other.stated or type(other.model) is not type(price.model):
            message = f"all but its money is shared with the price: {', '.join(shared) or 'model'}"
            field_ = f"currencies.{other.currency}"
            yield Problem(code="different_price", message=message, field=field_)


def _number_problems(price: Price) -> Iterator[Problem]:
    yield from negative_problems("allowance", price.allowance)
    yield from negative_problems("minimum_quantity", price.minimum_quantity)
    for name, bound in (("minimum", price.minimum), ("maximum", price.maximum)):
        if bound is not None:
            yield from negative_problems(name, bound)
    if price.minimum is not None and price.maximum is not None and price.minimum > price.maximum:
        message = f"must not be below the minimum of {price.minimum}"
        yield Problem(code="bounds_crossed", message=message, field="maximum")


def _model_problems(price: Price) -> Iterator[Problem]:
    """Yield what a model cannot do with what surrounds it."""
    if isinstance(price.model, MatrixPrice | FormulaPrice):
        for name in sorted(price.model.dimensions - set(price.group_by)):
            message = f"the model looks at dimension {name}; name it here"
            yield Problem(code="dimension_not_grouped", message=message, field="group_by")
    yield from _part_problems(price)
    yield from _back_problems(price)
    if isinstance(price.model, PercentagePrice):
        included = (
            ("allowance", price.allowance > 0),
            ("discounts", any(each.usage is not None for each in price.discounts)),
        )
        for name, given in included:
            if given:
                message = "say free_amount or free_transactions instead"
                yield Problem(code="percentage_takes_no_units", message=message, field=name)


def _back_problems(price: Price) -> Iterator[Problem]:
    """Yield what a price that looks at the periods before it cannot be."""
    if price.tiers_over == "contract" and not (
        isinstance(price.model, GraduatedPrice | VolumePrice | StairstepPrice)
        and KIND_BY_TYPE[type(price.model)].need(price.model) is Need.NOTHING
        and price.meter is not None
    ):
        message = "only tiers of what a meter counts can go on; leave it out"
        yield Problem(code="no_tiers_to_go_on", message=message, field="tiers_over")
    if price.shares_tiers:
        yield from _tree_problems(price)
    if price.rollover is None:
        return
    if not price.allowance:
        message = "there is no allowance to go on; give one, or leave it out"
        yield Problem(code="no_allowance", message=message, field="rollover")
    if price.group_by:
        message = "what is left belongs to no group; leave group_by or rollover out"
        yield Problem(code="rollover_of_groups", message=message, field="rollover")


def _tree_problems(price: Price) -> Iterator[Problem]:
    """Yield what a price cannot be whose tiers accounts fill together."""
    tiered = isinstance(price.model, GraduatedPrice | VolumePrice | StairstepPrice | PackagePrice)
    if not tiered or price.need is not Need.NOTHING or price.meter is None:
        message = "only tiers or packages of what a meter counts can be shared; leave it out"
        yield Problem(code="no_tiers_to_share", message=message, field="tiers_over")
    if getattr(price.model, "flat_at_zero", False):
        message = "nobody bears a fee where nothing was used; leave it out of shared tiers"
        yield Problem(code="no_share_of_nothing", message=message, field="flat_at_zero")
    of_one_account = (
        ("allowance", price.allowance > 0),
        ("each_run", price.each_run is not None),
        ("rounding", price.rounding is not None),
        ("minimum_quantity", price.minimum_quantity > 0),
        ("discounts", any(each.usage is not None for each in price.discounts)),
    )
    for name, given in of_one_account:
        if given:
            message = "all that accounts use fills shared tiers; make a first tier free instead"
            yield Problem(code="shared_tiers_take_no_units", message=message, field=name)


def _part_problems(price: Price) -> Iterator[Problem]:
    """Yield the stages that a model which prices parts of the quantity cannot have before it."""
    rounds = (
        ("each_run", price.each_run is not None),
        ("rounding", price.rounding is not None),
        ("minimum_quantity", price.minimum_quantity > 0),
    )
    units = (
        ("allowance", price.allowance > 0),
        ("discounts", any(each.usage is not None for each in price.discounts)),
    )
    need = KIND_BY_TYPE[type(price.model)].need(price.model)
    for name, given in rounds if need is not Need.NOTHING else ():
        if given:
            message = "the model prices parts of the quantity, which would not add up; leave it out"
            yield Problem(code="no_rounding_of_parts", message=message, field=name)
    for name, given in units if need is Need.CHANGES else ():
        if given:
            message = "a prorated price takes no units off; make a first tier free instead"
            yield Problem(code="prorated_takes_no_units", message=message, field=name)


def _fee_problems(price: Price) -> Iterator[Problem]:
    usage = (
        ("meter", price.meter is not None),
        ("unit", price.unit is not None),
        ("allowance", price.allowance > 0),
        ("group_by", price.group_by != ()),
        ("each_run", price.each_run is not None),
        ("minimum_quantity", price.minimum_quantity > 0),
        ("rounding", price.rounding is not None),
        ("discounts", any(each.usage is not None for each in price.discounts)),
    )
    for name, given in usage:
        if given:
            kind = KIND_BY_TYPE[type(price.model)].name
            message = f"a {kind} price takes no {name}; leave it out, or choose another model"
            yield Problem(code="flat_takes_no_usage", message=message, field=name)


def _spend_problems(price: Price, model: SpendPrice) -> Iterator[Problem]:
    if price.minimum is None and price.maximum is None:
        message = "give a minimum, a maximum, or both"
        yield Problem(code="no_bound", message=message, field="minimum")
    if price.discounts:
        message = "what other prices come to has its discounts there; leave them out"
        yield Problem(code="no_discounts_of_spend", message=message, field="discounts")
    if price.cadence == "advance":
        message = "what others come to is known only at a period's end; leave cadence out"
        yield Problem(code="usage_in_advance", message=message, field="cadence")
    if price.interval is not None:
        message = "bounds are of the plan's periods; say how many with periods"
        yield Problem(code="no_interval_of_spend", message=message, field="interval")
    if model.periods < 1:
        message = f"must be 1 or more, not {model.periods}"
        yield Problem(code="out_of_range", message=message, field="periods")
    if model.periods > 1 and price.maximum is not None:
        message = "a maximum is for one period; give it to a price of its own"
        yield Problem(code="maximum_of_term", message=message, field="maximum")
