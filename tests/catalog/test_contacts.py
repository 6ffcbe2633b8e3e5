"""Addresses, bank accounts and branding: what is read, and what is refused with its place."""

from typing import Any

import pytest

from tallystick.accounts import Contact, PostalAddress
from tallystick.catalog import BankAccount, Branding, catalog_from_documents
from tallystick.kernel import AccountKey, Refused
from tests.catalogs import catalog, documents, lists

ENTITY = {
    "registration": "HRB 1234",
    "postal_address": {"street": "Kai 2", "city": "Hamburg"},
    "bank_account": {"iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"},
    "branding": {"colour": "#0a5f6c", "footer": "Thank you", "logo": "main/logo.svg"},
}


def entity_with(**fields: object) -> dict[str, list[Any]]:
    """Return the usual lists, the legal entity with more fields."""
    changed = lists()
    changed["legal_entities"][0] |= fields
    return changed


def test_parties_are_read() -> None:
    """Addresses, bank account and branding become values; an IBAN may stand in groups of four."""
    read = catalog(entity_with(**ENTITY))
    entity = read.legal_entities["main"]
    assert entity.registration == "HRB 1234"
    assert entity.contact.address == PostalAddress(street="Kai 2", city="Hamburg")
    assert entity.bank_account == BankAccount(iban="DE89370400440532013000", bic="COBADEFFXXX")
    assert entity.branding == Branding(colour="#0a5f6c", footer="Thank you", logo="main/logo.svg")
    assert read.accounts[AccountKey("acme")].contact == Contact(
        address=PostalAddress(street="Ringstr. 1", city="Berlin", postal_code="10115"),
        email="accounts@acme.example",
        language="de",
    )
    assert read.accounts[AccountKey("acme-dev")].contact == Contact()


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"email": "nobody"}, "wrong_type", "email"),
        ({"language": "tlh"}, "wrong_value", "language"),
        ({"postal_address": {"street": "Kai 2"}}, "missing_field", "postal_address.city"),
        ({"postal_address": {"city": "X", "zip": "1"}}, "unknown_field", "postal_address.zip"),
        ({"bank_account": {"iban": "DE88370400440532013000"}}, "wrong_type", "bank_account.iban"),
        ({"bank_account": {"bic": "COBADEFF"}}, "missing_field", "bank_account.iban"),
        ({"branding": {"colour": "red"}}, "wrong_type", "branding.colour"),
        ({"branding": {"logo": "../../etc/passwd"}}, "wrong_type", "branding.logo"),
        ({"branding": {"template": "/etc/passwd"}}, "wrong_type", "branding.template"),
    ],
)
def test_mistakes_are_refused(fields: dict[str, Any], code: str, place: str) -> None:
    """What cannot be is refused with code and path; no file lies outside its folder."""
    outcome = catalog_from_documents(documents(entity_with(**fields)))
    assert isinstance(outcome, Refused)
    assert [(each.code, each.field) for each in outcome.problems] == [
        (code, f"legal_entities[0].{place}")
    ]
