"""
A document as the business terms of EN 16931, by their numbers (BT and BG).

The sums are those of the stored document; the standard's rules for them (BR-CO-10 to BR-CO-17)
hold because lines add up to the net, and net and taxes to the total.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tallystick.catalog import BankAccount
from tallystick.integrations.documents.einvoice.lines import Part, parts_of
from tallystick.integrations.documents.formats import Formats, formats_for
from tallystick.integrations.documents.page import origin_notes
from tallystick.integrations.documents.page.labels import step_label
from tallystick.integrations.documents.view import DocumentView, LineView, PartyView, TaxView
from tallystick.integrations.documents.words import WORDS, Words
from tallystick.kernel import Money, plain

Terms = dict[str, object]

INVOICE, CREDIT_NOTE = "380", "381"  # UN/EDIFACT 1001
CREDIT_TRANSFER = "30"  # UN/EDIFACT 4461
_DISCOUNT = "95"  # UN/EDIFACT 5189
_EMAIL = "EM"  # electronic address scheme
_OUTSIDE_SCOPE = "O"
_INTRA_COMMUNITY = "K"


def terms_of(view: DocumentView, *, language: str, seal: str) -> Terms:
    """
    Return the terms of an issued document.

    Args:
        view: without `obstacles`.
        language: of the texts for people within it.
        seal: digest of the stored document, for a note.
    """
    words, formats = WORDS[language], formats_for(language, view.payer.country)
    is_untaxed = any(tax.category == _OUTSIDE_SCOPE for tax in view.taxes)
    parts = [part for line in view.lines for part in parts_of(line)]
    terms: Terms = {
        "BT-1": view.number,
        "BT-2": view.issued_on,
        "BT-3": CREDIT_NOTE if view.is_credit_note else INVOICE,
        "BT-5": view.currency.code,
        "BT-10": view.payer.contact.reference,
        "BT-72": view.days.last if view.issued_on is None else min(view.days.last, view.issued_on),
        "BT-73": view.days.first,
        "BT-74": view.days.last,
        "BG-1": [{"BT-22": text} for text in (f"{view.id} {seal}", *_origin(view, words, formats))],
        "BG-4": _party(view.issuer, with_tax_id=not is_untaxed)
        | {"identifiers": {None: view.issuer.key}},
        "BG-7": _party(view.payer, with_tax_id=not is_untaxed)
        | {"identifiers": {None: view.payer.key}},
        "BG-23": [_tax(tax, words) for tax in _by_rate(view)],
        "BG-25": [
            _line(part, number, words=words, formats=formats)
            for number, part in enumerate(parts, start=1)
        ],
        **_sums(view),
        **_payment(view, words, formats),
    }
    if any(tax.category == _INTRA_COMMUNITY for tax in view.taxes):  # BR-IC-12
        terms["BG-13"] = {"name": view.payer.name, "country_code": view.payer.country}
    before = [one for one in (view.reference, view.replaces) if one is not None]
    if before:
        terms["BG-3"] = [{"BT-25": one.number, "BT-26": one.issued_on} for one in before]
    return terms


def _origin(view: DocumentView, words: Words, formats: Formats) -> list[str]:
    """Return what a document that a person ordered says of itself; others name the one before."""
    named = view.given_back or view.replaces is not None
    return origin_notes(view, words, formats) if named else []


def _sums(view: DocumentView) -> Terms:
    tax = sum((one.money for one in view.taxes), Money(minor=0, currency=view.currency))
    return {
        "BT-106": _money(view.net),
        "BT-109": _money(view.net),
        "BT-110": _money(tax),
        "BT-112": _money(view.net + tax),
        "BT-113": _money(view.prepaid) if view.prepaid.minor else "",
        "BT-115": _money(view.due),
    }


def _payment(view: DocumentView, words: Words, formats: Formats) -> Terms:
    """Return when and how to pay; a credit note says what it corrects, there is nothing to pay."""
    if view.is_credit_note:
        if view.reference is None:
            return {"BT-20": words.credited}
        day = formats.day(view.reference.issued_on)
        return {"BT-20": words.corrects.format(number=view.reference.number, date=day)}
    return {"BT-9": view.due_on, "BT-83": view.number} | _account(view.bank, view.issuer.name)


def _account(bank: BankAccount | None, holder: str) -> Terms:
    if bank is None:
        return {}
    return {
        "BT-81": CREDIT_TRANSFER,
        "BT-84": bank.iban,
        "BT-85": bank.holder or holder,
        "BT-86": bank.bic,
    }


def _party(party: PartyView, *, with_tax_id: bool) -> Terms:
    address = party.contact.address
    terms: Terms = {
        "name": party.name,
        "legal_identifier": party.registration,
        **(_tax_number(party.tax_id) if with_tax_id else {}),
        "country_code": party.country,
    }
    if address is not None:
        terms |= {
            "addr_l1": address.street,
            "addr_l2": address.extra,
            "city": address.city,
            "postcode": address.postal_code,
            "country_subdivision": address.subdivision,
        }
    if party.contact.email:
        terms |= {"einvoicing_addr": party.contact.email, "einvoicing_addr_schemeid": _EMAIL}
    return terms


def _tax_number(number: str) -> Terms:
    """Return a VAT number, which begins with its country (BR-CO-9), or another tax number."""
    is_vat = number[:2].isalpha() and number[:2].isupper()
    return {"vat_identifier" if is_vat else "tax_identifier": number}


def _by_rate(view: DocumentView) -> tuple[TaxView, ...]:
    """Return the taxes, those of one category and rate as one (the standard knows no countries)."""
    found: dict[tuple[str, Decimal], TaxView] = {}
    for tax in view.taxes:
        key = (tax.category, tax.rate)
        before = found.get(key)
        found[key] = (
            tax
            if before is None
            else replace(before, net=before.net + tax.net, money=before.money + tax.money)
        )
    return tuple(found.values())


def _tax(tax: TaxView, words: Words) -> Terms:
    terms: Terms = {
        "BT-116": _money(tax.net),
        "BT-117": _money(tax.money),
        "BT-118": tax.category,
    }
    if tax.category != _OUTSIDE_SCOPE:  # BR-O-05: what lies outside has no rate
        terms["BT-119"] = _rate(tax.rate)
    if tax.category in words.exemptions and tax.category != "Z":
        terms["BT-120"] = tax.reason or words.exemptions[tax.category]
        terms["BT-121"] = tax.reason_code
    return terms


def _line(part: Part, number: int, *, words: Words, formats: Formats) -> Terms:
    line = part.line
    ((category, rate),) = line.taxes
    label = step_label(part.label, words=words, formats=formats) if part.label else ""
    name = f"{line.item}, {words.corrected}" if line.corrected else line.item
    terms: Terms = {
        "BT-126": str(number),
        "BT-129": plain(part.quantity),
        "BT-130": part.code,
        "BT-131": _money(part.net),
        "BT-134": line.days.first,
        "BT-135": line.days.last,
        "BT-146": plain(part.price),
        "BT-151": category,
        "BT-153": f"{name}: {label}" if label else name,
        "BT-154": f"{formats.quantity(line.quantity)} {line.unit}".strip() if line.unit else "",
        "BT-127-00": [{"BT-127": _note(line)}],
        "BT-155": line.item,
        "BG-27": [
            {
                "amount": _money(one.money),  # BT-136
                "reason": step_label(one.reason, words=words, formats=formats),  # BT-139
                "reason_code": _DISCOUNT,  # BT-140
            }
            for one in part.allowances
        ],
        "BG-32": [{"BT-160": key, "BT-161": value} for key, value in _attributes(line) if value],
    }
    if category != _OUTSIDE_SCOPE:
        terms["BT-152"] = _rate(rate)
    return terms


def _attributes(line: LineView) -> tuple[tuple[str, str], ...]:
    """Return what else is said of a line: its group, and whose contract it is of."""
    if line.section is None:
        return line.group
    return (*line.group, ("account", line.section.account), ("contract", line.section.contract))


def _note(line: LineView) -> str:
    """Return the id of a line, and how it was converted: both amounts, rate, day and source."""
    if line.conversion is None:
        return line.id
    rate = line.conversion.rate
    return (
        f"{line.id}: {plain(line.charged)} {rate.base.code} at {plain(rate.value)} "
        f"({rate.source}, {rate.on}) = {plain(line.converted)} {rate.quote.code}"
    )


def _money(money: Money) -> str:
    return f"{money.decimal:.{money.currency.exponent}f}"


def _rate(rate: Decimal) -> str:
    return plain(rate)


def given(terms: Mapping[str, object]) -> Terms:
    """Return terms without those that are empty, to any depth; 0 and text of 0 are not empty."""
    kept: Terms = {}
    for name, value in terms.items():
        if isinstance(value, Mapping):
            kept[name] = given(value)
        elif isinstance(value, list):
            kept[name] = [given(each) if isinstance(each, Mapping) else each for each in value]
        elif value not in {None, ""}:
            kept[name] = value
    return kept
