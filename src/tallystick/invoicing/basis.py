"""
The contract facts behind a document: who bought what, at which prices, measured how, on whom.

A basis is kept with every document and goes into its proof, so that the document can be made again
from the basis and the events alone, years later, when catalogs and owners have moved on.  Its
digest stands on the document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from tallystick.accounts import Account, ZoneChange
from tallystick.catalog import LegalEntity, PlanVersion, Subscription
from tallystick.kernel import (
    AccountKey,
    Currency,
    Period,
    PriceKey,
    SubjectSpan,
    WorkspaceId,
    check,
    currency,
    digest,
)
from tallystick.metering import Meter
from tallystick.pricing import Price
from tallystick.subscriptions import BillingPeriod, billing_periods
from tallystick.tax import TaxFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """
    Everything but usage that a document follows from.

    Attributes:
        legal_entity: key of the issuer.
        payer: who receives the document.
        zone: IANA zone of the payer, in which periods lie; with its dated changes.
        subscription: the contract.
        plan: the plan version sold.
        meters: the meters of the plan's prices, in order of their keys.
        spans: whose usage is the subscriber's, and when.
        units: countable units that the catalog declares.
        issuer: the legal entity as it was declared when the document was drafted, and
        buyer: the payer; what the document says of them stays. None in older bases.
        tax: what taxes follow from; None: the legal entity collects none.
    """

    workspace: WorkspaceId
    legal_entity: str
    payer: AccountKey
    zone: str
    zone_changes: tuple[ZoneChange, ...] = ()
    subscription: Subscription
    plan: PlanVersion
    meters: tuple[Meter, ...]
    spans: tuple[SubjectSpan, ...]
    units: frozenset[str] = frozenset()
    issuer: LegalEntity | None = None
    buyer: Account | None = None
    tax: TaxFacts | None = None

    @property
    def currency(self) -> Currency:
        """Return the currency in which everything here is priced."""
        prices = self.plan.prices
        return prices[0].money if prices else currency(self.plan.currency)

    def price(self, key: PriceKey) -> Price | None:
        """Return the plan's price of a key, None if it has none."""
        return next((price for price in self.plan.prices if price.key == key), None)

    def group_names(self, key: PriceKey) -> tuple[str, ...]:
        """Return the dimensions by which a price is grouped; none for a price that is gone."""
        price = self.price(key)
        return () if price is None else price.group_by

    def meter_of(self, price: Price) -> Meter:
        """
        Return the meter of a price.

        Raises:
            InvariantBroken: the price has no meter, or one that the basis does not hold.
        """
        found = next((meter for meter in self.meters if meter.key == price.meter), None)
        check(found is not None, f"price {price.key} needs meter {price.meter}: it is not known")
        return cast("Meter", found)

    def zones_of(self, windows: Sequence[Period]) -> tuple[str, ...]:
        """Return the payer's zone at the start of each window: a change takes effect there."""
        return tuple(
            next(
                (change.zone for change in self.zone_changes[::-1] if change.at <= window.start),
                self.zone,
            )
            for window in windows
        )

    def billing_periods(self, *, through: datetime) -> tuple[BillingPeriod, ...]:
        """Return the subscription's billing periods that begin at or before ``through``."""
        return billing_periods(
            self.subscription, self.plan, self.zone, through=through, zone_changes=self.zone_changes
        )

    def attribution(self, period: Period) -> str:
        """
        Return a digest of whose usage counts in a period, and how much of it the contract covers.

        A correction without a new event is explained if this has changed: a resource found its
        owner, a transfer or a cancellation was entered late.
        Only what overlaps the period counts, so a resource that comes later changes nothing, and
        neither does an end of the contract that lies beyond.
        """
        clipped = [
            (span.subject, max(span.start or period.start, period.start), end)
            for span in self.spans
            if (end := min(span.end or period.end, period.end)) > (span.start or period.start)
            and end > period.start
        ]
        contract = (
            max(self.subscription.start, period.start),
            min(self.subscription.end or period.end, period.end),
        )
        return digest({"contract": contract, "spans": sorted(clipped)})
