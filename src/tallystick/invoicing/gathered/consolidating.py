"""
Makes one document of several: a section for each, one number, one total, one tax for each rate.

    section                         net     19 % alone
    acme-web, January              10.01          1.90
    acme-mail, January             10.01          1.90
    the document                   20.02          3.80 = settle(3.8038)

Lines stay as their contracts' facts make them; only taxes are levied anew, on the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tallystick.catalog import Alignment, PlanVersion, Proration, Subscription
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.gathered.parts import consolidated_id
from tallystick.invoicing.invoice import Invoice, Purpose, Section
from tallystick.invoicing.numbering import longest_term
from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Period,
    PlanKey,
    SubscriptionKey,
    check,
    digest,
    time_zone,
)

_PLAN = PlanKey("consolidated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A document with the facts that it was made from."""

    invoice: Invoice
    basis: Basis


def consolidated(drafts: Sequence[Drafted]) -> Drafted:
    """
    Return the document that holds several, without taxes; one alone stays what it is.

    Args:
        drafts: of one payer, legal entity, currency and kind, on one set of facts for each
            contract; each contract's in the order in which they were drafted.

    Raises:
        InvariantBroken: they cannot stand on one document.
    """
    if len(drafts) == 1:
        return drafts[0]
    ordered = sorted(drafts, key=lambda one: (_subscriber(one), one.invoice.subscription))
    invoices = [one.invoice for one in ordered]
    for field in ("workspace", "legal_entity", "account", "currency", "document_type", "position"):
        said = {getattr(one, field) for one in invoices}
        check(len(said) == 1, f"documents of {len(said)} values of {field} cannot be one")
    basis = _basis(ordered)
    first = invoices[0]
    whole = replace(
        first,
        id=consolidated_id(first.workspace, [one.id for one in invoices]),
        purpose=Purpose.CONSOLIDATED,
        revision=0,
        subscription=basis.subscription.key,
        period=Period(
            start=min(one.period.start for one in invoices),
            end=max(one.period.end for one in invoices),
        ),
        lines=tuple(replace(line, taxes=()) for one in invoices for line in one.lines),
        basis=digest(basis_document(basis)),
        taxed_on=None,
        converted_on=max((one.converted_on for one in invoices if one.converted_on), default=None),
        payment_days=longest_term([one.payment_days for one in invoices], basis.issuer),
        sections=tuple(_section(one) for one in ordered),
    )
    return Drafted(invoice=whole, basis=basis)


def _subscriber(draft: Drafted) -> str:
    return draft.basis.subscription.account


def _section(draft: Drafted) -> Section:
    invoice = draft.invoice
    return Section(
        account=draft.basis.subscription.account,
        subscription=invoice.subscription,
        period=invoice.period,
        purpose=invoice.purpose,
        revision=invoice.revision,
        basis=invoice.basis,
        lines=len(invoice.lines),
    )


def _basis(drafts: Sequence[Drafted]) -> Basis:
    """Return facts that hold those of each contract; the contract in front sells nothing."""
    first = drafts[0].basis
    of_each = {one.basis.subscription.key: one.basis for one in drafts}
    start = min(one.invoice.period.start for one in drafts)
    return Basis(
        workspace=first.workspace,
        legal_entity=first.legal_entity,
        payer=first.payer,
        zone=first.zone,
        zone_changes=first.zone_changes,
        subscription=Subscription(
            key=SubscriptionKey(f"consolidated {first.payer}"),
            account=first.payer,
            plan=_PLAN,
            version=1,
            legal_entity=first.legal_entity,
            start=start,
            anchor=start.astimezone(time_zone(first.zone)).date(),
        ),
        plan=PlanVersion(
            plan=_PLAN,
            version=1,
            name="Consolidated",
            currency=first.currency.code,
            interval=Interval(count=1, of=IntervalUnit.MONTH),
            alignment=Alignment.CALENDAR,
            prices=(),
            proration=Proration.NONE,
        ),
        meters=(),
        spans=(),
        issuer=first.issuer,
        buyer=first.buyer,
        sections=tuple(of_each[key] for key in sorted(of_each)),
    )
