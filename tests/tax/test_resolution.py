"""Which taxes apply: place, registration, kind of buyer, product, day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.accounts import TaxExemption
from tallystick.catalog import (
    BuyerKind,
    SupplyKind,
    TaxCategory,
    TaxRegistration,
    TaxRule,
    TaxScheme,
    UnconfirmedTaxId,
)
from tallystick.kernel import Done, Outcome, Refused, instant
from tallystick.tax import (
    AppliedTax,
    Buyer,
    Seller,
    TaxFacts,
    TaxIdCheck,
    TaxIdState,
    taxes_for,
)

LONG_AGO = date(2015, 1, 1)
TODAY = date(2026, 3, 1)
FRENCH = "FR40303265045"


def rule(key: str, country: str, rate: str) -> TaxRule:
    """Return a rule that charges in a country."""
    return TaxRule(key=key, country=country, rate=Decimal(rate), valid_from=LONG_AGO)


RULES = (
    replace(rule("de-2007", "DE", "19"), valid_until=date(2020, 7, 1)),
    replace(rule("de-2020", "DE", "16"), valid_from=date(2020, 7, 1), valid_until=date(2021, 1, 1)),
    replace(rule("de-2021", "DE", "19"), valid_from=date(2021, 1, 1)),
    replace(rule("de-books", "DE", "7"), product="books"),
    rule("fr", "FR", "20"),
    replace(
        rule("fr-business", "FR", "0"),
        supply=SupplyKind.CROSS_BORDER,
        buyer=BuyerKind.BUSINESS,
        category=TaxCategory.REVERSE_CHARGE,
        reason="Reverse charge",
        reason_code="VATEX-EU-AE",
    ),
    replace(rule("ca-gst", "CA", "5"), tax="GST"),
    replace(rule("ca-qst", "CA", "9.975"), tax="QST", region="QC"),
    replace(
        rule("abroad", "", "0"),
        supply=SupplyKind.CROSS_BORDER,
        category=TaxCategory.OUTSIDE_SCOPE,
        reason="Not subject to VAT",
    ),
)
HOME = TaxRegistration(country="DE", tax_id="DE136695976", valid_from=LONG_AGO)
SHOP = TaxRegistration(
    country="FR", tax_id="DE136695976", scheme=TaxScheme.ONE_STOP_SHOP, valid_from=LONG_AGO
)


def facts(buyer: Buyer, *registrations: TaxRegistration) -> TaxFacts:
    """Return a German seller's facts about a buyer."""
    seller = Seller(country="DE", registrations=registrations or (HOME, SHOP))
    return TaxFacts(seller=seller, buyer=buyer, zone="Europe/Berlin", rules=RULES)


def business(state: TaxIdState | None) -> Buyer:
    """Return a French business of whose number the register said something, or nothing."""
    check = None
    if state is not None:
        at = instant("2026-02-01T00:00:00Z")
        check = TaxIdCheck(tax_id=FRENCH, state=state, checked_at=at, source="vies")
    return Buyer(country="FR", business=True, tax_id=FRENCH, check=check)


def shown(outcome: Outcome[tuple[AppliedTax, ...]]) -> list[str]:
    """Return taxes in short; a refusal as its code."""
    if isinstance(outcome, Refused):
        return [problem.code for problem in outcome.problems]
    return [f"{one.tax} {one.country} {one.category.value} {one.rate}" for one in outcome.value]


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2020, 6, 30), "19"),
        (date(2020, 7, 1), "16"),
        (date(2020, 12, 31), "16"),
        (date(2021, 1, 1), "19"),
    ],
)
def test_rates_are_dated(day: date, rate: str) -> None:
    """The rate is that of the tax point; a rule ends before the day that it names."""
    assert shown(taxes_for(facts(Buyer(country="DE")), "", on=day)) == [f"VAT DE S {rate}"]


def test_a_product_has_its_own_rate() -> None:
    """A rule that names the product is narrower than one that does not."""
    buyer = facts(Buyer(country="DE"))
    assert shown(taxes_for(buyer, "books", on=TODAY)) == ["VAT DE S 7"]
    assert shown(taxes_for(buyer, "shoes", on=TODAY)) == ["VAT DE S 19"]


def test_a_consumer_abroad_through_the_one_stop_shop() -> None:
    """Consumers bear the tax of their country where the seller is registered to collect it."""
    assert shown(taxes_for(facts(Buyer(country="FR")), "", on=TODAY)) == ["VAT FR S 20"]


def test_nothing_is_collected_without_a_registration() -> None:
    """A rule that charges does not apply where the seller is not registered; it is not 0 either."""
    consumer = facts(Buyer(country="FR"), HOME)
    assert shown(taxes_for(consumer, "", on=TODAY)) == ["no_tax_rule"]


def test_a_country_that_no_rule_names() -> None:
    """The rule without a country is for all countries that have none of their own."""
    assert shown(taxes_for(facts(Buyer(country="US")), "", on=TODAY)) == ["VAT  O 0"]


def test_the_narrowest_rule_applies() -> None:
    """Supply counts before buyer, buyer before region, region before product."""
    free = replace(rule("free", "DE", "0"), category=TaxCategory.EXEMPT, reason="Free", region="BY")
    whole = (
        replace(free, key="supply", region="", supply=SupplyKind.DOMESTIC, reason="supply"),
        replace(free, key="buyer", region="", buyer=BuyerKind.CONSUMER, reason="buyer"),
        replace(free, key="region", reason="region"),
        replace(free, key="product", region="", product="books", reason="product"),
        rule("de", "DE", "19"),
    )
    said = []
    for first in range(len(whole)):
        known = replace(facts(Buyer(country="DE", region="BY")), rules=whole[first:])
        found = taxes_for(known, "books", on=TODAY)
        assert isinstance(found, Done)
        said.append(found.value[0].reason)
    assert said == ["supply", "buyer", "region", "product", ""]


def test_a_threshold_is_a_rule_of_its_own() -> None:
    """Below a threshold a seller charges consumers abroad the rate of its own country."""
    below = replace(
        rule("fr-below", "FR", "19"),
        supply=SupplyKind.CROSS_BORDER,
        buyer=BuyerKind.CONSUMER,
        jurisdiction="DE",
    )
    known = replace(facts(Buyer(country="FR"), HOME), rules=(*RULES, below))
    assert shown(taxes_for(known, "", on=TODAY)) == ["VAT DE S 19"]


def test_a_registration_is_dated() -> None:
    """Before its first day a registration collects nothing."""
    late = replace(SHOP, valid_from=date(2026, 3, 2))
    assert shown(taxes_for(facts(Buyer(country="FR"), HOME, late), "", on=TODAY)) == ["no_tax_rule"]


@pytest.mark.parametrize(
    ("state", "policy", "taxes"),
    [
        (TaxIdState.VALID, UnconfirmedTaxId.CHARGE, ["VAT FR AE 0"]),
        (TaxIdState.INVALID, UnconfirmedTaxId.ACCEPT, ["VAT FR S 20"]),
        (TaxIdState.UNAVAILABLE, UnconfirmedTaxId.CHARGE, ["VAT FR S 20"]),
        (TaxIdState.UNAVAILABLE, UnconfirmedTaxId.ACCEPT, ["VAT FR AE 0"]),
        (None, UnconfirmedTaxId.CHARGE, ["VAT FR S 20"]),
        (None, UnconfirmedTaxId.ACCEPT, ["VAT FR AE 0"]),
    ],
)
def test_reverse_charge_needs_a_number(
    state: TaxIdState | None, policy: UnconfirmedTaxId, taxes: list[str]
) -> None:
    """The buyer owes the tax if the register confirmed its number, or as the policy says."""
    known = facts(business(state))
    known = replace(known, seller=replace(known.seller, unconfirmed=policy))
    assert shown(taxes_for(known, "", on=TODAY)) == taxes


def test_a_seller_at_home_abroad_charges_businesses() -> None:
    """A local registration makes the supply domestic: no reverse charge."""
    local = replace(SHOP, scheme=TaxScheme.LOCAL)
    known = facts(business(TaxIdState.VALID), HOME, local)
    assert shown(taxes_for(known, "", on=TODAY)) == ["VAT FR S 20"]


def test_taxes_of_country_and_region() -> None:
    """Rules of different names apply side by side; a region's only in the region."""
    canada = TaxRegistration(country="CA", tax_id="1", valid_from=LONG_AGO)
    quebec = facts(Buyer(country="CA", region="QC"), HOME, canada)
    ontario = facts(Buyer(country="CA", region="ON"), HOME, canada)
    assert shown(taxes_for(quebec, "", on=TODAY)) == ["GST CA S 5", "QST CA S 9.975"]
    assert shown(taxes_for(ontario, "", on=TODAY)) == ["GST CA S 5"]


def test_an_exemption_is_dated() -> None:
    """A certificate frees on the days it covers, and its reason stands on the document."""
    certificate = TaxExemption(
        country="DE",
        reason="Diplomatic mission",
        certificate="A-7",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 3, 1),
    )
    known = facts(Buyer(country="DE", exemptions=(certificate,)))
    covered = taxes_for(known, "", on=date(2026, 2, 28))
    assert shown(covered) == ["VAT DE E 0"]
    assert isinstance(covered, Done)
    assert covered.value[0].reason == "Diplomatic mission (A-7)"
    assert shown(taxes_for(known, "", on=date(2026, 3, 1))) == ["VAT DE S 19"]


def test_no_rule_is_a_refusal() -> None:
    """What no rule is for is refused, never taxed at zero; so is a buyer without a country."""
    known = replace(facts(Buyer(country="DE")), rules=())
    assert shown(taxes_for(known, "", on=TODAY)) == ["no_tax_rule"]
    assert shown(taxes_for(facts(Buyer(country="")), "", on=TODAY)) == ["no_country"]
