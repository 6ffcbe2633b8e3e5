"""
Which taxes a line bears: the rules for the buyer's place, narrowed down to one for each tax.

    seller in DE (registered there; one-stop shop for FR)        19 % DE, 20 % FR declared

    buyer in DE                                        VAT DE 19 %
    consumer in FR                                     VAT FR 20 %, through the one-stop shop
    business in FR, number valid                       AE: the buyer owes it (cross-border rule)
    business in FR, number not confirmed               VAT FR 20 %, or AE where so declared
    buyer in US                                        what the rule without a country says

A rule that charges applies only where the seller is registered for it.  A rule without a country is
for those that no rule of this tax names.  Of several rules for one tax the narrowest applies: first
by supply, then buyer, region and product.  No rule at all is a refusal, never a tax of zero.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tallystick.catalog import BuyerKind, SupplyKind, TaxCategory, TaxRule
from tallystick.kernel import Done, Outcome, refuse
from tallystick.tax.applied import AppliedTax
from tallystick.tax.facts import TaxFacts


def taxes_for(facts: TaxFacts, product: str, *, on: date) -> Outcome[tuple[AppliedTax, ...]]:
    """
    Return the taxes on a supply, by name; at least one.

    Args:
        facts: who sells, who buys, which rules.
        product: the tax category of the price; empty: none in particular.
        on: the tax point, a local day.

    Problems:
        no_country: the buyer's country is not known.
        no_tax_rule: no rule is in force for this supply.
    """
    buyer = facts.buyer
    if not buyer.country:
        message = "the payer has no country, so that nobody can tell which tax applies"
        return refuse("no_country", message, "country")
    chosen: dict[str, TaxRule] = {}
    for rule in _applicable(facts, product, on):
        known = chosen.get(rule.tax)
        if known is None or _narrowness(rule) > _narrowness(known):
            chosen[rule.tax] = rule
    if not chosen:
        kind = "business" if buyer.is_business(facts.seller.unconfirmed) else "consumer"
        place = f"{buyer.country}-{buyer.region}" if buyer.region else buyer.country
        of = f" for {product}" if product else ""
        message = f"no tax rule holds on {on} for a {kind} in {place}{of}; declare one"
        return refuse("no_tax_rule", message, "tax_rules")
    return Done(tuple(_applied(chosen[name], facts, on) for name in sorted(chosen)))


def _applicable(facts: TaxFacts, product: str, on: date) -> Iterator[TaxRule]:
    buyer, seller = facts.buyer, facts.seller
    is_business = buyer.is_business(seller.unconfirmed)
    at_home = seller.at_home_in(buyer.country, on)
    named = {rule.tax for rule in facts.rules if rule.country == buyer.country}
    supply = SupplyKind.DOMESTIC if at_home else SupplyKind.CROSS_BORDER
    kind = BuyerKind.BUSINESS if is_business else BuyerKind.CONSUMER
    for rule in facts.rules:
        if (
            (rule.country == buyer.country or (not rule.country and rule.tax not in named))
            and rule.region in {"", buyer.region}
            and rule.product in {"", product}
            and rule.supply in {SupplyKind.ANY, supply}
            and rule.buyer in {BuyerKind.ANY, kind}
            and rule.holds_on(on)
            and (
                rule.rate == 0
                or seller.collects(rule.owed_in, rule.region, on=on, to_consumer=not is_business)
            )
        ):
            yield rule


def _narrowness(rule: TaxRule) -> tuple[bool, bool, bool, bool]:
    return (
        rule.supply is not SupplyKind.ANY,
        rule.buyer is not BuyerKind.ANY,
        rule.region != "",
        rule.product != "",
    )


def _applied(rule: TaxRule, facts: TaxFacts, on: date) -> AppliedTax:
    """Return a rule as a tax on this buyer, who may be exempt from it."""
    region = rule.region if rule.owed_in == rule.country else ""
    taxed = AppliedTax(
        tax=rule.tax,
        country=rule.owed_in,
        region=region,
        category=rule.category,
        rate=rule.rate,
        inclusive=facts.inclusive,
        reason=rule.reason,
        reason_code=rule.reason_code,
    )
    for one in facts.buyer.exemptions:
        if taxed.rate and one.covers(rule.tax, country=rule.owed_in, region=region, on=on):
            told = f"{one.reason} ({one.certificate})" if one.certificate else one.reason
            return AppliedTax(
                tax=rule.tax,
                country=rule.owed_in,
                region=region,
                category=TaxCategory.EXEMPT,
                rate=Decimal(0),
                inclusive=facts.inclusive,
                reason=told,
                reason_code=one.reason_code,
            )
    return taxed
