"""
Contacts, bank accounts, branding and rules of issue as fields of a document.

They stand among the fields of the account or legal entity itself, not in a mapping of their own.
"""

import re
from collections.abc import Iterator

from tallystick.accounts import Contact, PostalAddress
from tallystick.catalog.amounts import read_least_invoice
from tallystick.catalog.fields import DAYS, FLAG, TEXT, WHOLE, Fields, Kind, choose, suggestion
from tallystick.catalog.legal_entity import (
    PAYMENT_DAYS,
    BankAccount,
    Branding,
    DocumentDate,
    DocumentForm,
    IssueRules,
)

LANGUAGES = ("ar", "de", "en", "es", "fr", "ja")
"""Languages in which documents can be written, by ISO 639-1."""

GRACE_DAYS_MAX = 90
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,4}")
_LETTER_OFFSET = 55
_IBAN_MODULUS = 97


def is_iban(text: str) -> bool:
    """
    Tell whether an account number has the form and the check digits of ISO 13616.

    >>> is_iban("DE89370400440532013000"), is_iban("DE88370400440532013000")
    (True, False)
    """
    if _IBAN.fullmatch(text) is None:
        return False
    turned = text[4:] + text[:4]
    digits = "".join(sign if sign.isdigit() else str(ord(sign) - _LETTER_OFFSET) for sign in turned)
    return int(digits) % _IBAN_MODULUS == 1


def read_language(fields: Fields) -> str:
    """Read the language in which somebody is written to; empty if not said."""
    language = fields.read_or("language", TEXT, "")
    if language and language not in LANGUAGES:
        message = f'"language" must be one of {", ".join(LANGUAGES)}'
        fields.note("wrong_value", message, "language")
    return language


def read_contact(fields: Fields) -> Contact:
    """Read the fields by which a party is addressed."""
    return Contact(
        address=_read_address(fields),
        email=fields.read_or("email", EMAIL, ""),
        language=read_language(fields),
        reference=fields.read_or("reference", TEXT, ""),
    )


def contact_fields(contact: Contact) -> dict[str, object]:
    """Write what `read_contact` reads; what is empty is left out by whoever writes the whole."""
    return {
        "postal_address": None if contact.address is None else _address_document(contact.address),
        "email": contact.email,
        "language": contact.language,
        "reference": contact.reference,
    }


def read_bank_account(fields: Fields) -> BankAccount | None:
    """Read where money is to be paid to; None if not declared."""
    if not fields.has("bank_account"):
        return None
    inside = fields.inside("bank_account")
    account = BankAccount(
        iban=inside.read("iban", IBAN),
        bic=inside.read_or("bic", BIC, ""),
        holder=inside.read_or("holder", TEXT, ""),
    )
    inside.finish()
    return account


def bank_account_document(account: BankAccount | None) -> dict[str, object] | None:
    """Write what `read_bank_account` reads."""
    if account is None:
        return None
    return _given({"iban": account.iban, "bic": account.bic, "holder": account.holder})


def read_branding(fields: Fields) -> Branding:
    """Read how an entity's documents look."""
    if not fields.has("branding"):
        return Branding()
    inside = fields.inside("branding")
    branding = Branding(
        colour=inside.read_or("colour", COLOUR, ""),
        footer=inside.read_or("footer", TEXT, ""),
        logo=inside.read_or("logo", FILE, ""),
        template=inside.read_or("template", FILE, ""),
        charts=inside.read_or("charts", FLAG, default=True),
    )
    inside.finish()
    return branding


def branding_document(branding: Branding) -> dict[str, object]:
    """Write what `read_branding` reads."""
    shown = _given(
        {
            "colour": branding.colour,
            "footer": branding.footer,
            "logo": branding.logo,
            "template": branding.template,
        }
    )
    return shown if branding.charts else {**shown, "charts": False}


def read_issue_rules(fields: Fields) -> IssueRules:
    """Read when an entity's documents are issued, and what must hold of them before."""
    days = fields.read_or("grace_days", WHOLE, 0)
    if not 0 <= days <= GRACE_DAYS_MAX:
        message = f'"grace_days" must be a number of days from 0 to {GRACE_DAYS_MAX}'
        fields.note("wrong_value", message, "grace_days")
    return IssueRules(
        grace_days=days,
        dated=DocumentDate(
            choose(fields, "document_date", tuple(DocumentDate), default=DocumentDate.ISSUE)
        ),
        hold=fields.read_or("hold_invoices", FLAG, default=False),
        payment_days=fields.read_or("payment_days", DAYS, PAYMENT_DAYS),
        forms=tuple(_forms(fields)),
        least_invoice=read_least_invoice(fields),
    )


def _forms(fields: Fields) -> Iterator[DocumentForm]:
    known = [form.value for form in DocumentForm]
    for index, name in enumerate(dict.fromkeys(map(str, fields.items("document_forms")))):
        if name in known:
            yield DocumentForm(name)
        else:
            message = f'unknown form "{name[:20]}"{suggestion(name[:20], known)}'
            fields.note("unknown_value", message, f"document_forms[{index}]")


def _read_address(fields: Fields) -> PostalAddress | None:
    if not fields.has("postal_address"):
        return None
    inside = fields.inside("postal_address")
    address = PostalAddress(
        street=inside.read_or("street", TEXT, ""),
        extra=inside.read_or("extra", TEXT, ""),
        city=inside.read("city", TEXT),
        postal_code=inside.read_or("postal_code", TEXT, ""),
        subdivision=inside.read_or("subdivision", TEXT, ""),
    )
    inside.finish()
    return address


def _address_document(address: PostalAddress) -> dict[str, object]:
    return _given(
        {
            "street": address.street,
            "extra": address.extra,
            "city": address.city,
            "postal_code": address.postal_code,
            "subdivision": address.subdivision,
        }
    )


def _given(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value}


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _iban(value: object) -> str | None:
    """Read an IBAN in groups of four too."""
    packed = value.replace(" ", "") if isinstance(value, str) else ""
    return packed if is_iban(packed) else None


EMAIL = Kind(
    convert=lambda value: _matching(value, _EMAIL),
    expected="an e-mail address such as billing@example.com",
    stand_in="",
)
COLOUR = Kind(
    convert=lambda value: _matching(value, _COLOUR),
    expected='a colour such as "#0a5f6c"',
    stand_in="",
)
IBAN = Kind(convert=_iban, expected="an IBAN with right check digits", stand_in="")
BIC = Kind(
    convert=lambda value: _matching(value, _BIC),
    expected="a BIC of 8 or 11 signs such as COBADEFFXXX",
    stand_in="",
)
FILE = Kind(
    convert=lambda value: _matching(value, _FILE),
    expected="a file below the folder of document designs such as acme/logo.svg",
    stand_in="",
)
