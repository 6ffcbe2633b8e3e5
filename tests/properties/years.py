"""Random years of a contract, and how the product is told of them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tallystick.catalog import ContractChange, PlanVersion, Proration, TaxRegistration, TaxRule
from tallystick.kernel import MeterKey, PriceKey, SubjectSpan, WorkspaceId
from tallystick.metering import Aggregation, ChangeKind, Event, Meter, Reach
from tallystick.pricing import (
    FlatPrice,
    GraduatedPrice,
    Model,
    PackagePrice,
    Price,
    StairstepPrice,
    Tier,
    UnitPrice,
    VolumePrice,
)
from tallystick.tax import Buyer, Seller, TaxFacts
from tests.invoicing.contract import Contract, plan, subscribed
from tests.naive import facts as naive
from tests.naive.invoices import boundary

DATA = Meter(
    key=MeterKey("data"), event_type="data", aggregation=Aggregation.SUM, value="gb", unit="GB"
)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Africa/Cairo",
)  # fmt: skip
MONTHS = 12
MINUTES = 365 * 1_440
TAX_START = date(2000, 1, 1)


def _fraction(digits: int, places: int) -> st.SearchStrategy[Fraction]:
    return st.integers(0, 10**digits).map(lambda value: Fraction(value, 10**places))


prices_of_one = _fraction(5, 4)
fees = _fraction(5, 2)
quantities = _fraction(5, 2)


@st.composite
def tiers(draw: st.DrawFn, *, flat_only: bool = False) -> tuple[naive.Tier, ...]:
    """Draw one to three tiers; the last one has no end."""
    bounds = sorted(draw(st.sets(st.integers(1, 2_000), max_size=2)))
    return tuple(
        naive.Tier(
            up_to=None if bound is None else Fraction(bound),
            unit=Fraction(0) if flat_only else draw(prices_of_one),
            flat=draw(st.just(Fraction(0)) | fees) if not flat_only else draw(fees),
        )
        for bound in (*bounds, None)
    )


@st.composite
def rates(draw: st.DrawFn, key: str, of: str) -> naive.Rate:
    """Draw a rate of a kind."""
    advance = of != "usage" and draw(st.booleans())
    if of == "once":
        flat = naive.Tier(up_to=None, unit=Fraction(0), flat=draw(fees))
        return naive.Rate(key=key, of=of, model="flat", tiers=(flat,), advance=advance)
    model = draw(st.sampled_from(["unit", "graduated", "package", "volume", "stairstep"]))
    one = (naive.Tier(up_to=None, unit=draw(prices_of_one)),)
    drawn = draw(tiers(flat_only=model == "stairstep"))
    return naive.Rate(
        key=key,
        of=of,
        model=model,
        tiers=one if model in {"unit", "package"} else drawn,
        size=Fraction(draw(st.sampled_from([1, 7, 100]))),
        included=draw(st.just(Fraction(0)) | quantities) if of == "usage" else Fraction(0),
        advance=advance,
    )


@st.composite
def offers(draw: st.DrawFn, name: str) -> naive.Offer:
    """Draw a plan: a fee, seats and usage, each or not."""
    kinds = draw(st.sets(st.sampled_from(["once", "seats", "usage"]), min_size=1))
    return naive.Offer(
        name=name,
        rates=tuple(draw(rates(of, of)) for of in sorted(kinds)),
        mode=draw(st.sampled_from(["day", "day", "second", "none"])),
    )


@st.composite
def instants(draw: st.DrawFn, start: datetime) -> datetime:
    """Draw an instant of the year behind a start: any minute, or a multiple of days."""
    minute = draw(st.integers(1, MINUTES - 1) | st.integers(1, 364).map(lambda day: day * 1_440))
    return start + timedelta(minutes=minute)


@st.composite
def years(draw: st.DrawFn) -> naive.Year:
    """Draw a year with what changed and was used in it, each known sooner or later."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 60)))
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    start += timedelta(minutes=draw(st.sampled_from([0, 0, 1, 600, 1_439])))
    plans = [draw(offers(name)) for name in ("a", "b")[: draw(st.integers(1, 2))]]
    known = st.integers(0, MONTHS)
    kinds = st.sampled_from(["offer", "seats", "pause", "resume"])
    changes = [
        _change(kind, at=draw(instants(start)), known=draw(known), plans=plans, draw=draw)
        for kind in draw(st.lists(kinds, max_size=4))
    ]
    uses = [
        naive.Use(
            at=draw(instants(start)),
            quantity=draw(quantities),
            known=draw(known),
            corrected=draw(st.none() | st.tuples(known, quantities)),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    return naive.Year(
        zone=zone,
        start=start,
        anchor_day=draw(st.sampled_from([1, start.astimezone(zone).day])),
        offer=plans[0],
        changes=tuple(sorted(changes, key=lambda one: one.at)),
        uses=tuple(uses),
        trial_end=draw(st.none() | instants(start)),
        end=draw(st.none() | instants(start)),
        end_known=draw(known),
        tax=draw(st.none() | st.sampled_from([Fraction(19, 100), Fraction(77, 1_000)])),
        tax_inside=draw(st.booleans()),
    )


def _change(
    kind: str, *, at: datetime, known: int, plans: list[naive.Offer], draw: st.DrawFn
) -> naive.Change:
    if kind == "offer":
        offer, restart = draw(st.sampled_from(plans)), draw(st.booleans())
        return naive.Change(at=at, known=known, offer=offer, restart=restart)
    if kind == "seats":
        return naive.Change(at=at, known=known, seats=draw(st.integers(0, 9)))
    return naive.Change(at=at, known=known, paused=kind == "pause")


def run_instants(year: naive.Year) -> list[datetime]:
    """Return when billing runs: as each month begins, and as each change takes effect."""
    months = [boundary(year, number) for number in range(MONTHS + 3)]
    last = months[-1]
    found = {year.start, *months, *(one.at for one in year.changes)}
    found |= {at for at in (year.end, year.trial_end) if at is not None}
    return sorted(at for at in found if year.start <= at <= last)


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
        self.contract.agree(*map(_contract_change, known), plans=plans_of(self.year))
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
    return contract


def plans_of(year: naive.Year) -> list[PlanVersion]:
    """Return the plans of a year, the one of the start first."""
    offered = {one.name: one for one in (year.offer, *(c.offer for c in year.changes if c.offer))}
    return [
        replace(
            plan(offer.name, *map(_price, offer.rates), calendar=year.anchor_day == 1),
            proration=Proration(offer.mode),
        )
        for offer in offered.values()
    ]


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


def _contract_change(change: naive.Change) -> ContractChange:
    quantity = () if change.seats is None else ((PriceKey("seats"), Decimal(change.seats)),)
    return ContractChange(
        at=change.at,
        plan=None if change.offer is None else plan(change.offer.name).plan,
        version=None if change.offer is None else 1,
        quantities=quantity,
        paused=change.paused,
        restart_tiers=change.restart,
    )


def _price(rate: naive.Rate) -> Price:
    return Price(
        key=PriceKey(rate.key),
        model=_model(rate),
        meter=DATA.key if rate.of == "usage" else None,
        unit="GB" if rate.of == "usage" else None,
        currency="USD",
        allowance=_decimal(rate.included),
        cadence="advance" if rate.advance else "arrears",
    )


def _model(rate: naive.Rate) -> Model:
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
