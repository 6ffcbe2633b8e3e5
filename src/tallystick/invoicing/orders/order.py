"""
Orders of a person: void an issued document, give a part of it back, or sell something once.

An order is a fact that no event shows.  It is kept with the basis of the document that it led to,
so that the document can be made again from it and the documents before.

Amounts and quantities are plain decimal text, amounts in major units of the document's currency and
as its prices are: without taxes on top, with those that prices hold.
"""

from enum import StrEnum
from typing import TypeAlias

import msgspec


class Disposition(StrEnum):
    """
    What becomes of that which a voided document charged.

    ``rebill``: it is due again, as if it had never been charged.  ``waive``: it stays settled at
    nothing; what is found later about the same price and period charges nothing either.
    """

    REBILL = "rebill"
    WAIVE = "waive"


class CreditKind(StrEnum):
    """
    Why a credit note gives back.

    ``correction``: less was due.  ``goodwill``: it was due, and is given back out of kindness.
    ``dispute``: the payer objected, and was right.  ``refund``: what was paid is paid back.
    """

    CORRECTION = "correction"
    GOODWILL = "goodwill"
    DISPUTE = "dispute"
    REFUND = "refund"


class VoidOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="void"):
    """Take a document back as a whole; ``document`` is its id."""

    document: str
    disposition: Disposition
    reason: str


class CreditedLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    How much of a line is given back: an amount, or a quantity at the line's own average price.

    Attributes:
        line: its id.
        amount: above 0, in major units; empty: by quantity.
        quantity: above 0, in the line's unit; empty: by amount.  With neither all that is left.
    """

    line: str
    amount: str = ""
    quantity: str = ""


class CreditOrder(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="credit",
):
    """
    Give back a part of a document: of some of its lines, or an amount spread over all.

    Attributes:
        document: its id.
        amount: of the document, spread over its lines by what is left of them; empty: by lines.
        lines: none: of the document; without an amount all that is left of it.
    """

    document: str
    kind: CreditKind
    reason: str
    amount: str = ""
    lines: tuple[CreditedLine, ...] = ()


class SoldLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    Something that is sold once.

    Attributes:
        code: books its income, as ``setup``; each line of a document has another one.
        description: stands on the document.
        quantity: above 0.
        unit: of the quantity, for people; empty for none.
        unit_price: 0 or above, of one unit.
        tax_category: what tax rules call this kind of product; empty: none in particular.
    """

    code: str
    description: str
    unit_price: str
    quantity: str = "1"
    unit: str = ""
    tax_category: str = ""


class SaleOrder(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="sale",
):
    """
    Sell something once, on a document of its own.

    Attributes:
        start, end: of the service, half-open, in UTC with six fraction digits; income is earned
            over its days.
    """

    lines: tuple[SoldLine, ...]
    start: str
    end: str
    reason: str = ""


Order: TypeAlias = VoidOrder | CreditOrder | SaleOrder
