"""The sample of tax rules says what two collections of rates say, and reads as it is meant."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duty27_eu_vat
import eu_vat_rates_data
import pytest

import tallystick
from tallystick.catalog import (
    BuyerKind,
    Catalog,
    TaxCategory,
    TaxRegistration,
    TaxRule,
    TaxScheme,
    catalog_from_documents,
)
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.kernel import Done, Outcome
from tallystick.tax import AppliedTax, Buyer, Seller, TaxFacts, taxes_for

LAST_KNOWN = duty27_eu_vat.DATA_AS_OF
SAMPLE = Path(tallystick.__file__).parent / "samples" / "taxes"


def sample() -> Catalog:
    """Return the sample as a catalog."""
    documents = read_catalog_files([SAMPLE])
    assert isinstance(documents, Done), documents
    outcome = catalog_from_documents(documents.value)
    assert isinstance(outcome, Done), outcome
    return outcome.value


RULES = tuple(sample().tax_rules.values())
STATES = sorted({rule.country for rule in RULES} - {""})


def charging(country: str, day: date) -> TaxRule:
    """Return the one rule that charges in a country on a day."""
    (found,) = (
        rule for rule in RULES if rule.country == country and rule.rate > 0 and rule.holds_on(day)
    )
    return found


def taxes(seller: str, buyer: Buyer, *, shop: str = "") -> Outcome[tuple[AppliedTax, ...]]:
    """Return the taxes of a seller of the Union with one registration, or two."""
    countries = {seller: TaxScheme.LOCAL} | ({shop: TaxScheme.ONE_STOP_SHOP} if shop else {})
    known = tuple(
        TaxRegistration(country=one, tax_id="1", scheme=scheme, valid_from=date(2016, 1, 1))
        for one, scheme in countries.items()
    )
    facts = TaxFacts(
        seller=Seller(country=seller, registrations=known),
        buyer=buyer,
        zone="UTC",
        rules=tuple(rule for rule in RULES if rule.country in {"", buyer.country}),
    )
    return taxes_for(facts, "", on=LAST_KNOWN)


def test_every_member_state_is_there() -> None:
    """Twenty-seven states, each with one rate on every day and a rule for businesses."""
    assert len(STATES) == 27
    for country in STATES:
        (business,) = (
            rule for rule in RULES if rule.country == country and rule.buyer is BuyerKind.BUSINESS
        )
        assert business.category is TaxCategory.REVERSE_CHARGE


@pytest.mark.parametrize("country", STATES)
def test_rates_agree_by_date(country: str) -> None:
    """On the day of each change and the day before the rate is that of the dated collection."""
    for change in duty27_eu_vat.get_rate_history(country):
        known = duty27_eu_vat.get_standard_rate(country, change.effective_from)
        assert charging(country, change.effective_from).rate == known
        if change.effective_from > date(2016, 1, 1):
            before = change.effective_from - timedelta(days=1)
            assert charging(country, before).rate == duty27_eu_vat.get_standard_rate(
                country, before
            )


@pytest.mark.parametrize("country", STATES)
def test_rates_of_today_agree(country: str) -> None:
    """The last rate is that of the other collection too."""
    known = eu_vat_rates_data.get_rate(country)
    assert known is not None
    assert charging(country, LAST_KNOWN).rate == Decimal(str(known["standard"]))


def test_no_consumer_is_left_out_by_accident() -> None:
    """Without a one-stop shop a consumer in another state is a refusal, not a sale without tax."""
    consumer = Buyer(country="FR")
    assert not isinstance(taxes("DE", consumer), Done)
    charged = taxes("DE", consumer, shop="FR")
    assert isinstance(charged, Done)
    assert [one.rate for one in charged.value] == [Decimal(20)]
    abroad = taxes("DE", Buyer(country="US"))
    assert isinstance(abroad, Done)
    assert [one.category for one in abroad.value] == [TaxCategory.OUTSIDE_SCOPE]
