"""
Terms as XML, written and checked against its schema by the factur-x library.

Its check of the business rules is not used: that asks a server on this machine, and takes silence
for consent.  The rules are checked in the tests, with the official schematron, by Saxon.
"""

from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from tallystick.integrations.documents.einvoice.terms import Terms, given

LEVEL = "en16931"


class Syntax(StrEnum):
    """How EN 16931 is written: UN/CEFACT CII, as in Factur-X, or OASIS UBL 2.1."""

    CII = "factur-x"
    UBL = "ubl-2.1"


def einvoice(terms: Terms, syntax: Syntax) -> bytes:
    """Return the XML of terms; characters that XML has no place for are left out."""
    facturx: Any = import_module("facturx")  # half a second, for those who write e-invoices
    content = facturx.generate_xml(
        _writable(given(terms)),
        flavor=syntax.value,
        level=LEVEL,
        check_xsd=True,
        check_schematron=False,
    )
    return cast(bytes, content)


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
