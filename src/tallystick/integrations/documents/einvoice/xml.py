"""
Terms as XML, written by the factur-x library and checked against the schema of its syntax.

The library's check of the business rules is not used: it asks a server on this machine, and takes
silence for consent.  `business_rules` are asked before; the tests hold them against the official
schematron, run by Saxon.
"""

from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from tallystick.integrations.documents.einvoice.business_rules import broken_rules
from tallystick.integrations.documents.einvoice.schemas import schema_fault
from tallystick.integrations.documents.einvoice.terms import Terms, given
from tallystick.kernel import Done, Outcome, Refused, refuse

LEVEL = "en16931"
_MESSAGE_MAX = 500


class Syntax(StrEnum):
    """How EN 16931 is written: UN/CEFACT CII, as in Factur-X, or OASIS UBL 2.1."""

    CII = "factur-x"
    UBL = "ubl-2.1"


def einvoice(terms: Terms, syntax: Syntax) -> Outcome[bytes]:
    """
    Return the XML of terms; characters that XML has no place for are left out.

    Problems:
        broken_business_rule: see `broken_rules`.
        invalid_einvoice: the schema of the syntax has no place for something in it.
    """
    found = tuple(broken_rules(_writable(given(terms))))
    return Refused(found) if found else unchecked(terms, syntax)


def unchecked(terms: Terms, syntax: Syntax) -> Outcome[bytes]:
    """
    Return the XML of terms, whether or not the business rules hold.

    Problems:
        invalid_einvoice: see `einvoice`.
    """
    facturx: Any = import_module("facturx")  # half a second, for those who write e-invoices
    try:
        content = facturx.generate_xml(
            _writable(given(terms)),
            flavor=syntax.value,
            level=LEVEL,
            check_xsd=False,
            check_schematron=False,
        )
    except ValueError as error:  # what the library says of terms that it cannot write
        return refuse("invalid_einvoice", str(error)[:_MESSAGE_MAX], "invoice")
    fault = schema_fault(content, level=LEVEL)
    if fault is not None:
        return refuse("invalid_einvoice", fault[:_MESSAGE_MAX], "invoice")
    return Done(cast(bytes, content))


def _writable(value: Any) -> Any:  # noqa: ANN401 - terms are texts, dates, lists and mappings
    match value:
        case str():
            return "".join(sign for sign in value if _is_allowed(sign))
        case dict():
            return {name: _writable(each) for name, each in value.items()}
        case list():
            return [_writable(each) for each in value]
        case _:
            return value


def _is_allowed(sign: str) -> bool:
    """Return whether XML 1.0 may hold a character."""
    return (
        sign in "\t\n\r"
        or " " <= sign <= "\ud7ff"
        or "\ue000" <= sign <= "\ufffd"
        or sign > "\uffff"
    )
