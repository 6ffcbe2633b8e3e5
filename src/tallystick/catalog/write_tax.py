"""Writing what concerns taxes: rules, registrations, and the taxpayer behind an account."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum

from tallystick.accounts import TaxExemption, Taxpayer
from tallystick.catalog.legal_entity import TaxRegistration
from tallystick.catalog.tax_rule import TaxRule
from tallystick.kernel import plain


def tax_rule_document(rule: TaxRule) -> dict[str, object]:
    """Write a tax rule; what equals its default is left out."""
    return _document(rule)


def registration_document(registration: TaxRegistration) -> dict[str, object]:
    """Write a registration."""
    return _document(registration)


def taxpayer_document(taxpayer: Taxpayer) -> dict[str, object]:
    """Write what taxes ask of an account; empty where nothing is told."""
    document = _document(taxpayer)
    if taxpayer.exemptions:
        document["exemptions"] = [_document(one) for one in taxpayer.exemptions]
    return document


def _document(value: TaxRule | TaxRegistration | TaxExemption | Taxpayer) -> dict[str, object]:
    """Write the fields of a flat value that differ from their defaults."""
    document: dict[str, object] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        if held != field.default:
            document[field.name] = _written(held)
    return document


def _written(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return value
