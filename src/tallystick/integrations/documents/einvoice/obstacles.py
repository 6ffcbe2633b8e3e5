"""What keeps a document from being an e-invoice, said before one is written."""

from collections.abc import Iterator

from tallystick.integrations.documents.view import DocumentView
from tallystick.kernel import Misuse, Problem, currency

_PLACES_MAX = 2  # BR-DEC of EN 16931


def obstacles(view: DocumentView) -> tuple[Problem, ...]:
    """
    Return every reason why EN 16931 has no place for a document.

    Problems:
        not_issued: a draft is no invoice.
        missing_country: issuer or payer has none (BR-9, BR-11).
        currency_without_code: it is in units of its own, or has more than two places.
        partly_outside_scope: some lines bear a tax and some are outside its scope (BR-O-11).
        several_taxes: a line bears more than one tax; the standard knows VAT alone.
    """
    return tuple(_found(view))


def _found(view: DocumentView) -> Iterator[Problem]:
    if view.number is None:
        yield Problem(code="not_issued", message=f"{view.id} is a draft", field="invoice")
    for kind, party in (("legal_entities", view.issuer), ("accounts", view.payer)):
        if not party.country:
            message = (
                f"{party.key} had no country when the document was drafted; e-invoices need it"
            )
            yield Problem(code="missing_country", message=message, field=f"{kind}.{party.key}")
    if view.currency.exponent > _PLACES_MAX or not _is_official(view.currency.code):
        message = f"e-invoices are in currencies with two places at most, not {view.currency.code}"
        yield Problem(code="currency_without_code", message=message, field="currency")
    scopes = {category == "O" for line in view.lines for category, _ in line.taxes}
    if len(scopes) > 1:
        message = "a document is outside the scope of tax with all its lines, or with none"
        yield Problem(code="partly_outside_scope", message=message, field="taxes")
    if any(len(line.taxes) > 1 for line in view.lines):
        message = "a line bears several taxes; EN 16931 has a place for one, value added tax"
        yield Problem(code="several_taxes", message=message, field="taxes")


def _is_official(code: str) -> bool:
    try:
        currency(code)
    except Misuse:
        return False
    return True
