"""
The facts that taxes follow from: who sells, who buys, and the rules that may apply to them.

They are kept with each document, so that its taxes can be found again when rules have moved on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tallystick.accounts import Account, PostalAddress, TaxExemption, compact_tax_number
from tallystick.catalog import LegalEntity, TaxRegistration, TaxRule, UnconfirmedTaxId


class TaxIdState(StrEnum):
    """What the register said of a number, if it could be asked."""

    VALID = "valid"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxIdCheck:
    """
    That a register was asked for a tax number, and what it said.

    Attributes:
        tax_id: the number, compact, with its country's letters.
        source: which register: ``vies``, or ``manual`` for what a person found out.
        reference: what the register calls the consultation; empty: it gave none.
        message: why it was unavailable; empty otherwise.
    """

    tax_id: str
    state: TaxIdState
    checked_at: datetime
    source: str
    reference: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The legal entity: its home country and its registrations."""

    country: str
    registrations: tuple[TaxRegistration, ...]
    unconfirmed: UnconfirmedTaxId = UnconfirmedTaxId.CHARGE

    def at_home_in(self, country: str, on: date) -> bool:
        """Return whether it is established, or registered for all supplies, in a country."""
        return self.country == country or any(
            one.country == country and one.scheme == "local" and one.holds_on(on)
            for one in self.registrations
        )

    def collects(self, country: str, region: str, *, on: date, to_consumer: bool) -> bool:
        """Return whether it is registered to collect what is owed to a country and region."""
        return any(
            one.country == country
            and one.region in {"", region}
            and one.holds_on(on)
            and (one.scheme == "local" or to_consumer)
            for one in self.registrations
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """
    The payer.

    Attributes:
        country: ISO 3166-1 alpha-2; empty: not known.
        business: whether it buys as a business.
        tax_id: its number, compact; empty: none.
        check: what the register last said of this number; None: it was not asked.
    """

    country: str
    region: str = ""
    business: bool = False
    tax_id: str = ""
    check: TaxIdCheck | None = None
    exemptions: tuple[TaxExemption, ...] = ()

    def is_business(self, unconfirmed: UnconfirmedTaxId) -> bool:
        """Return whether it is taken for a business: one whose number is accepted."""
        if not self.business or not self.tax_id:
            return False
        state = TaxIdState.UNAVAILABLE if self.check is None else self.check.state
        if state is TaxIdState.UNAVAILABLE:
            return unconfirmed is UnconfirmedTaxId.ACCEPT
        return state is TaxIdState.VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxFacts:
    """
    What the taxes of a document follow from.

    Attributes:
        zone: IANA zone of the seller, in which documents are dated.
        rules: those that may apply, by key.
        inclusive: whether the plan's prices hold their taxes already.
        engine: which engine outside gave the rules; empty: the catalog did.
        reference: what the engine calls its answer, and
        answered_at: when it gave it.
    """

    seller: Seller
    buyer: Buyer
    zone: str
    rules: tuple[TaxRule, ...]
    inclusive: bool = False
    engine: str = ""
    reference: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxQuestion:
    """
    What an engine outside is asked: which rules hold between a seller and a buyer.

    Attributes:
        address: where the buyer is, below its country and region; None: not known.
        products: the tax categories of the prices on sale; empty text: none in particular.
        since: the first day that may be a tax point.
        until: the day before which the answer must hold.
    """

    seller: Seller
    buyer: Buyer
    address: PostalAddress | None
    products: tuple[str, ...]
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAnswer:
    """The rules that an engine gave for one buyer, when, and what it calls this answer."""

    engine: str
    reference: str = ""
    answered_at: datetime
    rules: tuple[TaxRule, ...]


def tax_facts(
    entity: LegalEntity,
    payer: Account,
    rules: Iterable[TaxRule],
    *,
    check: TaxIdCheck | None = None,
    inclusive: bool = False,
) -> TaxFacts | None:
    """
    Return the facts for documents of an entity to a payer; None where it collects no tax.

    Args:
        entity: the seller.
        payer: the buyer.
        rules: all that are declared; those of other countries are left out.
        check: what the register last said of the payer's number.
        inclusive: whether the plan's prices hold their taxes already.
    """
    if not entity.tax_registrations:
        return None
    number = compact_tax_number(payer.tax.tax_id)
    near = [rule for rule in rules if rule.country in {"", payer.country}]
    return TaxFacts(
        seller=seller_of(entity),
        buyer=buyer_of(payer, check if check is not None and check.tax_id == number else None),
        zone=entity.zone,
        rules=tuple(sorted(near, key=lambda rule: rule.key)),
        inclusive=inclusive,
    )


def seller_of(entity: LegalEntity) -> Seller:
    """Return a legal entity in the eyes of the tax."""
    return Seller(
        country=entity.country,
        registrations=entity.tax_registrations,
        unconfirmed=entity.unconfirmed_tax_ids,
    )


def buyer_of(payer: Account, check: TaxIdCheck | None) -> Buyer:
    """Return a payer in the eyes of the tax, with what the register last said of its number."""
    return Buyer(
        country=payer.country,
        region=payer.tax.region,
        business=payer.tax.business,
        tax_id=compact_tax_number(payer.tax.tax_id),
        check=check,
        exemptions=payer.tax.exemptions,
    )
