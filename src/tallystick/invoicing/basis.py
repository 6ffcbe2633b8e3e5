"""
The contract facts behind a document: who bought what, at which prices, measured how, on whom.

A basis is kept with every document and goes into its proof, so that the document can be made again
from the basis and the events alone, years later, when catalogs and owners have moved on.  Its
digest stands on the document.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar, cast

from tallystick.accounts import Account, PaidBy, ZoneChange
from tallystick.catalog import (
    Alignment,
    GivenCoupon,
    LegalEntity,
    PlanVersion,
    Subscription,
    qualified,
)
from tallystick.credits import CreditHistory
from tallystick.currency import DatedRate
from tallystick.invoicing.line import LineKey
from tallystick.invoicing.orders import Order
from tallystick.invoicing.spot import PublishedSeries, followed
from tallystick.invoicing.tree import TreeMember
from tallystick.kernel import (
    AccountKey,
    Currency,
    Period,
    SubjectSpan,
    SubscriptionKey,
    WorkspaceId,
    canonical_json,
    check,
    currency,
    digest,
    instant_text,
    plain,
)
from tallystick.metering import Meter
from tallystick.pricing import Price, document_from_price
from tallystick.subscriptions import (
    AgreedPrice,
    BillingPeriod,
    Segment,
    Terms,
    Walk,
    Walked,
    timeline,
    walk_periods,
)
from tallystick.tax import TaxFacts

T = TypeVar("T")


@dataclass(slots=True)
class Worked:
    """What was worked out of a basis so far; one that says something else begins anew."""

    results: dict[object, object] = field(default_factory=dict)
    periods: dict[object, Walked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """
    Everything but usage that a document follows from.

    Attributes:
        legal_entity: key of the issuer.
        payer: who receives the document.
        zone: IANA zone of whoever pays, in which periods lie; with its dated changes.
        payers: who pays since when, where that may change; the facts are then those of what one of
            them, ``payer``, is billed, and of no more. Empty: everything is his.
        subscription: the contract.
        plan: the plan version sold at its start.
        later_plans: the other plan versions that its changes name.
        meters: the meters of all these plans' prices, in order of their keys.
        spans: whose usage is the subscriber's, and when.
        units: countable units that the catalog declares.
        issuer: the legal entity as it was declared when the document was drafted, and
        buyer: the payer; what the document says of them stays. None in older bases.
        tax: what taxes follow from; None: the legal entity collects none.
        coupons: those given to the contract or its account, in order of time, then of keys.
        order: what a person ordered, of a document that no event shows; else None.
        rates: by which prices of other currencies are converted, for each tax point.
        credits: what is known of the credit of the account, and of those above it up to the payer;
            None: no grant lowers a line.
        credits_at: the instant as of which the document is drafted, whose credit may be used too;
            None: only what stands for the service, as documents had it that are older than this.
        tree: other contracts of the payer that fill the same tiers, in any order.
        series: published prices that it follows, by key, from the contract's start on.
        sections: of a consolidated document its contracts, by key; its own then sells nothing.
    """

    workspace: WorkspaceId
    legal_entity: str
    payer: AccountKey
    zone: str
    zone_changes: tuple[ZoneChange, ...] = ()
    payers: tuple[PaidBy, ...] = ()
    subscription: Subscription
    plan: PlanVersion
    later_plans: tuple[PlanVersion, ...] = ()
    meters: tuple[Meter, ...]
    spans: tuple[SubjectSpan, ...]
    units: frozenset[str] = frozenset()
    issuer: LegalEntity | None = None
    buyer: Account | None = None
    tax: TaxFacts | None = None
    coupons: tuple[GivenCoupon, ...] = ()
    order: Order | None = None
    rates: tuple[DatedRate, ...] = ()
    credits: CreditHistory | None = None
    credits_at: datetime | None = None
    tree: tuple[TreeMember, ...] = ()
    series: tuple[PublishedSeries, ...] = ()
    sections: tuple["Basis", ...] = ()
    worked: Worked = field(init=False, repr=False, compare=False, default_factory=Worked)

    @property
    def contracts(self) -> tuple["Basis", ...]:
        """Return the facts of each contract: those of the sections, or these alone."""
        return self.sections or (self,)

    def of(self, subscription: SubscriptionKey) -> "Basis":
        """Return the facts of a contract: its section's, where it has one, or else these."""
        found = (one for one in self.sections if one.subscription.key == subscription)
        return next(found, self)

    @property
    def currency(self) -> Currency:
        """Return the currency in which the contract is billed: its own, or else its plan's."""
        return currency(self.subscription.currency or self.plan.currency)

    @property
    def plans(self) -> tuple[PlanVersion, ...]:
        """Return every plan version that the contract names, the first one first."""
        return (self.plan, *self.later_plans)

    @property
    def prices(self) -> tuple[Price, ...]:
        """Return all prices by their keys: those of the plans, then the contract's own."""
        return once(self, "prices", lambda: tuple(_prices(self)))

    @property
    def changes_in_time(self) -> bool:
        """Tell whether the contract says different things at different times."""
        contract = self.subscription
        return bool(contract.changes or contract.add_ons) or contract.trial_end is not None

    def segments(self) -> tuple[Segment, ...]:
        """Return what the contract says, segment by segment."""
        return once(self, "segments", lambda: timeline(self.subscription, self.plans))

    def terms_at(self, at: datetime) -> Terms:
        """Return what is agreed at an instant; outside the contract what is agreed nearest it."""
        segments = self.segments()
        begun = [segment for segment in segments if segment.start <= at] or segments[:1]
        return begun[-1].terms if begun else self.initial

    @property
    def initial(self) -> Terms:
        """Return what is agreed of every contract: its first plan, and no more."""
        return Terms(plan=self.plan, anchor=self.subscription.anchor)

    def price_of(self, key: LineKey) -> Price | None:
        """Return the price of a key: of the plan in force, else of any; None: it was taken back."""
        if (section := self.of(key.subscription)) is not self:
            return section.price_of(key)
        now = (agreed.price for agreed in agreed_prices(self, self.terms_at(key.period.start)))
        prices = (*now, *self.prices)
        return next((price for price in prices if price.key == key.price), None)

    def group_names(self, key: LineKey) -> tuple[str, ...]:
        """Return the dimensions by which a key's price is grouped; none for one that is gone."""
        price = self.price_of(key)
        return () if price is None else price.group_by

    def meter_of(self, price: Price) -> Meter:
        """Return the meter of a price; one that is not held breaks an invariant."""
        found = next((meter for meter in self.meters if meter.key == price.meter), None)
        check(found is not None, f"price {price.key} needs meter {price.meter}: it is not known")
        return cast("Meter", found)

    def zones_of(self, windows: Sequence[Period]) -> tuple[str, ...]:
        """Return the payer's zone at the start of each window: a change takes effect there."""
        return tuple(_zone_at(self, window.start) for window in windows)

    def billing_periods(self, *, through: datetime) -> tuple[BillingPeriod, ...]:
        """Return the subscription's billing periods that begin at or before ``through``."""
        return self.periods_of().through(through)

    def periods_of(self, price: Price | None = None) -> Walked:
        """Return the periods of a price, where it has its own, or else the contract's."""
        own = price if price is not None and price.interval is not None else None
        interval = None if own is None else (own.interval, own.alignment)
        known = self.worked.periods
        if interval not in known:
            known[interval] = Walked(_walk(self, own))
        return known[interval]

    def attribution(self, period: Period) -> str:
        """
        Return a digest of whose usage counts in a period, and how much of it the contract covers.

        A correction without a new event is explained if this has changed (`_attributed`).
        """
        key = ("attribution", period.start, period.end)
        return once(self, key, lambda: digest(_attributed(self, period)))


def named_payer(basis: Basis) -> AccountKey | None:
    """Return who is named in ids of documents: the payer, unless he pays from the beginning."""
    is_first = not basis.payers or basis.payers[0].payer == basis.payer
    return None if is_first else basis.payer


def payer_since(basis: Basis, boundary: datetime) -> AccountKey | None:
    """Return who pays for what begins with a billing period."""
    since = [one for one in basis.payers if one.since is None or one.since <= boundary]
    return since[-1].payer if since else basis.payer


def once(basis: Basis, key: object, work: Callable[[], T]) -> T:
    """Return what follows from a basis and a key alone; ``work`` is done once."""
    known = basis.worked.results
    if key not in known:
        known[key] = work()
    return cast("T", known[key])


def _prices(basis: Basis) -> Iterator[Price]:
    """Yield all prices of a contract, each as it is declared in the contract's currency."""
    for plan in basis.plans:
        yield from (_as_billed(basis, qualified(plan, price)) for price in plan.prices)
    yield from (_as_billed(basis, price) for price in basis.subscription.own_prices)


def _as_billed(basis: Basis, price: Price) -> Price:
    """Return a price as declared in the contract's currency, with what it follows."""
    return followed(price.stated_in(basis.currency.code), basis.series)


def _zone_at(basis: Basis, at: datetime) -> str:
    zones = [change.zone for change in basis.zone_changes if change.at <= at]
    return zones[-1] if zones else basis.zone


def _walk(basis: Basis, price: Price | None) -> Walk:
    """Return what goes through the periods of the contract, or of a price with its own."""
    contract, zone, changes = basis.subscription, basis.zone, basis.zone_changes
    segments = basis.segments()
    if price is not None:
        segments = timeline(contract, [_as_often(plan, price) for plan in basis.plans])
    return lambda since: walk_periods(contract, segments, zone, zone_changes=changes, since=since)


def _as_often(plan: PlanVersion, price: Price) -> PlanVersion:
    """Return a plan whose periods are those of a price with an interval of its own."""
    aligned = None if price.alignment is None else Alignment(price.alignment)
    return replace(
        plan, interval=price.interval or plan.interval, alignment=aligned or plan.alignment
    )


def agreed_prices(basis: Basis, terms: Terms) -> tuple[AgreedPrice, ...]:
    """Return the prices of terms, as declared in the contract's currency where they are."""
    # The terms are kept with what they say: while they are, no others have their id.
    return once(basis, ("agreed", id(terms)), lambda: (terms, _agreed_prices(basis, terms)))[1]


def _agreed_prices(basis: Basis, terms: Terms) -> tuple[AgreedPrice, ...]:
    return tuple(
        replace(agreed, price=_as_billed(basis, agreed.price)) for agreed in terms.agreed_prices()
    )


def _attributed(basis: Basis, period: Period) -> dict[str, object]:
    """
    Return what decides whose usage counts in a period, and how much of it is covered.

    It changes when a resource found its owner, or a transfer, a cancellation or another change of
    the contract was entered late.  Only what overlaps the period counts, so a resource that comes
    later changes nothing, and neither does an end of the contract that lies beyond.
    """
    clipped = [
        (span.subject, max(span.start or period.start, period.start), end)
        for span in basis.spans
        if (end := min(span.end or period.end, period.end)) > (span.start or period.start)
        and end > period.start
    ]
    contract = (
        max(basis.subscription.start, period.start),
        min(basis.subscription.end or period.end, period.end),
    )
    facts: dict[str, object] = {"contract": contract, "spans": sorted(clipped)}
    terms = _terms_in(basis, period)
    if terms:
        facts["terms"] = terms
    by_hand = [
        fact
        for change in basis.subscription.changes
        if period.contains(change.at)
        for fact in change.amounts
    ]
    if by_hand:
        facts["by_hand"] = by_hand
    others = _paid_by_others(basis, period)
    if others:
        facts["paid_by"] = others
    return facts


def _paid_by_others(basis: Basis, period: Period) -> list[tuple[datetime, AccountKey | None]]:
    """Return which billing periods that reach into a time somebody else pays for."""
    if not basis.payers:
        return []
    begun = [one.span for one in basis.billing_periods(through=period.end)]
    paid = [(one.start, payer_since(basis, one.start)) for one in begun if one.end > period.start]
    return [(start, payer) for start, payer in paid if start < period.end and payer != basis.payer]


def _terms_in(basis: Basis, period: Period) -> list[object]:
    """Return what was agreed otherwise than at the start, and when, within a period."""
    agreed: list[tuple[datetime, datetime, object]] = []
    first = basis.subscription.anchor
    initial = _agreed(basis.initial, first)
    for segment in basis.segments():
        start = max(segment.start, period.start)
        end = period.end if segment.end is None else min(segment.end, period.end)
        terms = _agreed(segment.terms, first)
        if start < end and terms != initial:
            agreed.append((start, end, terms))
    return list(agreed)


def _agreed(terms: Terms, first_anchor: date) -> tuple[object, ...]:
    """Return what terms agree on, beyond what contracts that never name it have."""
    quantities = [(key, plain(quantity)) for key, quantity in terms.quantities]
    since = None if terms.tiers_from is None else instant_text(terms.tiers_from)
    agreed: tuple[object, ...] = (
        terms.plan.plan,
        terms.plan.version,
        quantities,
        terms.paused,
        terms.trial,
    )
    if terms.anchor != first_anchor:
        agreed = (*agreed, f"anchor {terms.anchor}")
    if since is not None:
        agreed = (*agreed, since)
    add_ons = (
        (taken.plan.plan, taken.plan.version, plain(taken.quantity), taken.trial)
        for taken in terms.add_ons
    )
    own = (digest(canonical_json(document_from_price(price))) for price in terms.prices)
    return (*agreed, *add_ons, *own)
