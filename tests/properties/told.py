"""How the product is told of a random year: contract, changes and usage, run by run."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tallystick.catalog import (
    AddOn,
    ContractChange,
    Coupon,
    CouponDuration,
    GivenCoupon,
    PlanVersion,
    Proration,
    TaxRegistration,
    TaxRule,
    Threshold,
)
from tallystick.currency import PublishedRate
from tallystick.kernel import Interval, IntervalUnit, MeterKey, PriceKey, SubjectSpan, WorkspaceId
from tallystick.metering import Aggregation, ChangeKind, Event, Meter, Reach
from tallystick.pricing import (
    FlatPrice,
    GraduatedPrice,
    Model,
    PackagePrice,
    Price,
    SpendPrice,
    StairstepPrice,
    Tier,
    UnitPrice,
    VolumePrice,
)
from tallystick.tax import Buyer, Seller, TaxFacts
from tests.invoicing.contract import Contract, plan, subscribed
from tests.naive import facts as naive
from tests.naive.terms import offers_of

DATA = Meter(
    key=MeterKey("data"), event_type="data", aggregation=Aggregation.SUM, value="gb", unit="GB"
)
TAX_START = date(2000, 1, 1)
_INTERVALS = {1: IntervalUnit.MONTH, 3: IntervalUnit.QUARTER, 12: IntervalUnit.YEAR}


@dataclass(kw_only=True)
class Told:
    """
    A contract of the product that learns the facts of a year, run by run.

    Positions go by twos: a document takes the one behind the last event.
    """

    year: naive.Year
    contract: Contract
    position: int = 0

    def learn(self, run: int) -> None:
        """Take note of what a run of billing knows."""
        fresh = contract_of(self.year).basis
        known = [one for one in self.year.changes if one.known <= run]
        self.contract.basis = fresh
        changes = [_contract_change(self.year, one) for one in known]
        self.contract.agree(*changes, plans=plans_of(self.year))
        given = sorted((one for one in self.year.gifts if one.known <= run), key=lambda one: one.at)
        coupons = tuple(_given(self.year, one) for one in given)
        self.contract.basis = replace(self.contract.basis, coupons=coupons)
        if self.year.end is not None and self.year.end_known <= run:
            self.contract.end(self.year.end)
        for number, use in enumerate(self.year.uses):
            self._take(run, number, use)

    def _take(self, run: int, number: int, use: naive.Use) -> None:
        later = run if use.corrected is None else max(use.corrected[0], use.known)
        if use.known == run and not (use.corrected and use.corrected[0] <= run):
            self._record(number, use.at, use.quantity)
        elif use.corrected is not None and later == run:
            self._forget(number, use.at)
            self._record(number, use.at, use.corrected[1])

    def _record(self, number: int, at: datetime, quantity: Fraction) -> None:
        self.position += 2
        self.contract.events.append(
            Event(
                workspace=WorkspaceId("w"),
                source="test",
                id=f"e{number}",
                type="data",
                subject="vm",
                used_at=at,
                received_at=at,
                sequence="",
                data=f'{{"gb":{_decimal(quantity)}}}',
                position=self.position,
            )
        )

    def _forget(self, number: int, at: datetime) -> None:
        kept = [event for event in self.contract.events if event.id != f"e{number}"]
        if len(kept) == len(self.contract.events):
            return
        self.contract.events[:] = kept
        self.position += 2
        self.contract.reaches.append(
            Reach(
                kind=ChangeKind.CORRECTED,
                position=self.position,
                meter=DATA.key,
                subject="vm",
                start=at,
                end=at + timedelta(microseconds=1),
            )
        )


def told(year: naive.Year) -> Told:
    """Return the product's contract of a year, of which nothing is known yet."""
    return Told(year=year, contract=contract_of(year))


def contract_of(year: naive.Year) -> Contract:
    """Return the contract as it was agreed on at its start."""
    contract = subscribed(
        plans_of(year)[0],
        year.start,
        anchor=year.start.astimezone(year.zone).date().isoformat(),
        zone=str(year.zone),
        trial_end=year.trial_end,
        meters=[DATA],
    )
    spans = (SubjectSpan(subject="vm", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans, tax=_tax(year))
    if year.exchange:
        agreed = replace(contract.basis.subscription, currency="EUR")
        contract.basis = replace(contract.basis, subscription=agreed)
        contract.published = [
            PublishedRate(source="ecb", base="USD", quote="EUR", day=day, rate=_decimal(rate))
            for day, rate in year.published
        ]
    return contract


def plans_of(year: naive.Year) -> list[PlanVersion]:
    """Return the plans of a year, the one of the start first, then what is taken beside."""
    offered = {one.name: one for one in offers_of(year)}
    return [
        replace(
            plan(
                offer.name,
                *map(_price, offer.rates),
                interval=_interval(offer.every),
                calendar=year.calendar,
            ),
            proration=Proration(offer.mode),
            add_on=offer is year.extra,
            thresholds=tuple(
                Threshold(amount=_decimal(amount), recurring=recurs)
                for amount, recurs in year.thresholds
            ),
        )
        for offer in offered.values()
    ]


def _interval(every: naive.Every) -> Interval:
    if every.weeks:
        return Interval(count=every.weeks, of=IntervalUnit.WEEK)
    if every.months in _INTERVALS:
        return Interval(count=1, of=_INTERVALS[every.months])
    return Interval(count=every.months, of=IntervalUnit.MONTH)


def _given(year: naive.Year, gift: naive.Gift) -> GivenCoupon:
    """Return a coupon as it was given."""
    once = gift.used_up or (gift.times == 1 and gift.percent is not None)
    duration = CouponDuration.ONCE if once else CouponDuration.FOREVER
    if gift.times is not None and not once:
        duration = CouponDuration.REPEATING
    coupon = Coupon(
        key=gift.name,
        percent=None if gift.percent is None else _decimal(gift.percent),
        amount=_decimal(gift.amount) if gift.percent is None else None,
        currency=("EUR" if year.exchange else "USD") if gift.percent is None else "",
        duration=duration,
        periods=gift.times or 0 if duration is CouponDuration.REPEATING else 0,
        prices=tuple(map(PriceKey, gift.keys)),
    )
    return GivenCoupon(grant=gift.name, coupon=coupon, at=gift.at, until=gift.until)


def _tax(year: naive.Year) -> TaxFacts | None:
    if year.tax is None:
        return None
    registration = TaxRegistration(country="DE", tax_id="1", valid_from=TAX_START)
    rule = TaxRule(key="de", country="DE", rate=_decimal(year.tax * 100), valid_from=TAX_START)
    return TaxFacts(
        seller=Seller(country="DE", registrations=(registration,)),
        buyer=Buyer(country="DE"),
        zone="UTC",
        rules=(rule,),
        inclusive=year.tax_inside,
    )


def _contract_change(year: naive.Year, change: naive.Change) -> ContractChange:
    extras: tuple[AddOn, ...] = ()
    if change.extras is not None and year.extra is not None:
        beside = plan(year.extra.name).plan
        extras = (AddOn(plan=beside, version=1, quantity=Decimal(change.extras)),)
    quantity = () if change.seats is None else ((PriceKey("seats"), Decimal(change.seats)),)
    return ContractChange(
        at=change.at,
        plan=None if change.offer is None else plan(change.offer.name).plan,
        version=None if change.offer is None else 1,
        quantities=quantity,
        paused=change.paused,
        restart_tiers=change.restart,
        add_ons=extras,
    )


def _price(rate: naive.Rate) -> Price:
    return Price(
        key=PriceKey(rate.key.removeprefix("extra/")),
        model=_model(rate),
        meter=DATA.key if rate.of == "usage" else None,
        unit="GB" if rate.of == "usage" else None,
        currency="USD",
        allowance=_decimal(rate.included),
        cadence="advance" if rate.advance else "arrears",
        interval=None if rate.every is None else _interval(rate.every),
        minimum=None if rate.least is None else _decimal(rate.least),
        maximum=None if rate.most is None else _decimal(rate.most),
    )


def _model(rate: naive.Rate) -> Model:  # noqa: PLR0911 - one for each model
    if rate.of == "bound":
        return SpendPrice(of=rate.over)
    first = rate.tiers[0]
    tiered = tuple(
        Tier(
            up_to=None if one.up_to is None else _decimal(one.up_to),
            unit_price=_decimal(one.unit),
            flat=_decimal(one.flat),
        )
        for one in rate.tiers
    )
    match rate.model:
        case "flat":
            return FlatPrice(amount=_decimal(first.flat))
        case "unit":
            return UnitPrice(unit_price=_decimal(first.unit))
        case "package":
            return PackagePrice(
                package_size=_decimal(rate.size), package_price=_decimal(first.unit)
            )
        case "graduated":
            return GraduatedPrice(tiers=tiered)
        case "volume":
            return VolumePrice(tiers=tiered)
        case _:
            return StairstepPrice(tiers=tiered)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
