"""Drafts a one-off document: what was ordered to be sold to an account, outside contracts."""

from dataclasses import dataclass
from datetime import date, datetime

from tallystick.accounts import Account, zone_at
from tallystick.catalog import Alignment, LegalEntity, PlanVersion, Proration, Subscription
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.draft import RATING_VERSION
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose, invoice_id
from tallystick.invoicing.orders import SaleOrder
from tallystick.invoicing.sales.lines import order_problems, sold_lines
from tallystick.invoicing.taxed import taxed
from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Outcome,
    Period,
    PlanKey,
    Refused,
    SubscriptionKey,
    WorkspaceId,
    digest,
    instant,
    time_zone,
)
from tallystick.tax import TaxFacts

_PREFIX = "one-off "
_PLAN = PlanKey("one-off")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFacts:
    """
    Everything that a one-off document follows from.

    Attributes:
        number: how many one-off documents the payer has with it, from 1.
        position: the log position that was known; no event is behind the document.
        issue_on: the day on which it will be issued.
    """

    basis: Basis
    order: SaleOrder
    number: int
    position: int
    tzdata_version: str
    issue_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who sells to whom, and what taxes follow from."""

    workspace: WorkspaceId
    issuer: LegalEntity
    buyer: Account
    tax: TaxFacts | None


def is_one_off(subscription: SubscriptionKey) -> bool:
    """Tell whether a key stands for a sale; no declared key has a space."""
    return subscription.startswith(_PREFIX)


def one_off_basis(parties: Parties, order: SaleOrder, *, number: int, at: datetime) -> Basis:
    """
    Return the basis of a one-off document: a contract without prices, for the sale alone.

    Args:
        parties: seller and payer; the sale is in the payer's currency.
        order: what was ordered.
        number: see `SaleFacts`.
        at: when it was ordered.
    """
    buyer = parties.buyer
    zone = zone_at(buyer, at)
    plan = PlanVersion(
        plan=_PLAN,
        version=1,
        name="One-off",
        currency=buyer.currency,
        interval=Interval(count=1, of=IntervalUnit.MONTH),
        alignment=Alignment.CALENDAR,
        prices=(),
        proration=Proration.NONE,
        prices_include_tax=parties.tax is not None and parties.tax.inclusive,
    )
    contract = Subscription(
        key=SubscriptionKey(f"{_PREFIX}{buyer.key} {number}"),
        account=buyer.key,
        plan=_PLAN,
        version=1,
        legal_entity=parties.issuer.key,
        start=at,
        anchor=at.astimezone(time_zone(zone)).date(),
    )
    return Basis(
        workspace=parties.workspace,
        legal_entity=parties.issuer.key,
        payer=buyer.key,
        zone=zone,
        subscription=contract,
        plan=plan,
        meters=(),
        spans=(),
        issuer=parties.issuer,
        buyer=buyer,
        tax=parties.tax,
        order=order,
    )


def draft_sale(facts: SaleFacts) -> Outcome[Invoice]:
    """
    Draft a one-off document with its taxes.

    Problems:
        Those of `sold_lines` and `taxed`.
    """
    basis, order = facts.basis, facts.order
    problems = order_problems(order)
    if problems:
        return Refused(tuple(problems))
    key, period = basis.subscription.key, Period(start=instant(order.start), end=instant(order.end))
    of = invoice_id(
        basis.workspace,
        subscription=key,
        period=period,
        purpose=Purpose.ONE_OFF,
        revision=facts.number,
    )
    lines = sold_lines(order, basis, document=of, position=facts.position)
    if isinstance(lines, Refused):
        return lines
    draft = Invoice(
        id=of,
        number=None,
        document_type=DocumentType.INVOICE,
        purpose=Purpose.ONE_OFF,
        revision=facts.number,
        workspace=basis.workspace,
        legal_entity=basis.legal_entity,
        account=basis.payer,
        subscription=key,
        currency=basis.currency,
        period=period,
        lines=lines.value,
        issued_on=None,
        due_on=None,
        reference=None,
        position=facts.position,
        basis=digest(basis_document(basis)),
        rating_version=RATING_VERSION,
        tzdata_version=facts.tzdata_version,
        reason=order.reason,
    )
    return taxed(draft, basis, billed=(), on=facts.issue_on)
