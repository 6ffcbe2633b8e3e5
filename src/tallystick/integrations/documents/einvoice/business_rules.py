"""
The business rules of EN 16931, asked of the terms before they become XML.

They decide whether a document gets its number, so they run wherever e-invoices are demanded, for
less than a millisecond each; the official schematron needs an XSLT engine of 96 MB and half a
second.  A test breaks each rule and finds that both see it, and that neither refuses a sound
document.

Not here: rules on what the terms cannot hold wrong (fixed codes, structure), which the schema or
the types that terms are made of see to; national rules.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from tallystick.kernel import EXACT, Problem

_CENT = Decimal("0.01")
_PLACES = 2
_NO_TAX = frozenset({"Z", "E", "AE", "K", "G", "O"})
_WITH_REASON = frozenset({"E", "AE", "K", "G", "O"})
# Who must have a tax number: the seller, and the buyer besides.
_SELLER_NUMBERED = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
_BUYER_NUMBERED = frozenset({"AE", "K"})
_NUMBERS = ("vat_identifier", "tax_identifier")

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule by its official name, what it asks, and whether terms hold to it."""

    name: str
    asks: str
    holds: Callable[["_Terms"], bool]


class _Terms:
    """Terms with their parts at hand."""

    def __init__(self, terms: Values) -> None:
        self.terms = terms
        self.lines = cast(Sequence[Values], terms.get("BG-25", ()))
        self.taxes = cast(Sequence[Values], terms.get("BG-23", ()))
        self.seller = cast(Values, terms.get("BG-4", {}))
        self.buyer = cast(Values, terms.get("BG-7", {}))

    def has(self, *names: str) -> bool:
        """Tell whether the document has all these terms."""
        return all(self.terms.get(name) not in {None, ""} for name in names)

    def number(self, name: str) -> Decimal:
        """Return an amount of the document, 0 if it is absent."""
        return _number(self.terms, name)

    def categories(self) -> frozenset[object]:
        """Return the tax categories of all lines."""
        return frozenset(line.get("BT-151") for line in self.lines)

    def line_nets(self, category: object, rate: object) -> Decimal:
        """Return the sum of the lines of a category and rate."""
        return sum(
            (
                _number(line, "BT-131")
                for line in self.lines
                if line.get("BT-151") == category and line.get("BT-152") == rate
            ),
            Decimal(0),
        )


def broken_rules(terms: Values) -> Iterator[Problem]:
    """
    Yield a problem for each rule that terms break.

    Problems:
        broken_business_rule: its message begins with the official name of the rule.
    """
    read = _Terms(terms)
    for rule in _RULES:
        if not rule.holds(read):
            message = f"{rule.name}: {rule.asks}"
            yield Problem(code="broken_business_rule", message=message, field="invoice")


def _number(values: Values, name: str) -> Decimal:
    return Decimal(str(values.get(name) or 0))


def _total(values: Sequence[Values], name: str) -> Decimal:
    return sum((_number(each, name) for each in values), Decimal(0))


def _has_country(party: Values) -> bool:
    return bool(party.get("country_code"))


def _is_numbered(party: Values, names: Sequence[str]) -> bool:
    return any(party.get(name) for name in names)


def _amounts(read: _Terms) -> Iterator[object]:
    for name in ("BT-106", "BT-109", "BT-110", "BT-112", "BT-115"):
        yield read.terms.get(name, "0")
    for tax in read.taxes:
        yield from (tax.get("BT-116", "0"), tax.get("BT-117", "0"))
    for line in read.lines:
        yield line.get("BT-131", "0")
        yield from (one.get("amount", "0") for one in cast(Sequence[Values], line.get("BG-27", ())))


def _is_exact(amount: object) -> bool:
    exponent = Decimal(str(amount)).as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_PLACES


def _is_tax_of_base(tax: Values) -> bool:
    product = EXACT.multiply(_number(tax, "BT-116"), _number(tax, "BT-119")).scaleb(-2)
    rounded = product.quantize(_CENT, rounding=ROUND_HALF_UP, context=EXACT)
    return abs(rounded - _number(tax, "BT-117")) < 1  # the tolerance of the official rule


def _covers_lines(read: _Terms, tax: Values) -> bool:
    lines = read.line_nets(tax.get("BT-118"), tax.get("BT-119"))
    return abs(lines - _number(tax, "BT-116")) < 1  # the tolerance of the official rule


def _in_order(values: Values, first: str, last: str) -> bool:
    start, end = values.get(first), values.get(last)
    return not isinstance(start, date) or not isinstance(end, date) or start <= end


def _allowances(read: _Terms) -> Iterator[Values]:
    for line in read.lines:
        yield from cast(Sequence[Values], line.get("BG-27", ()))


_RULES = (
    _Rule("BR-02", "a document has a number", lambda read: read.has("BT-1")),
    _Rule("BR-03", "a document has a date of issue", lambda read: read.has("BT-2")),
    _Rule("BR-05", "a document has a currency", lambda read: read.has("BT-5")),
    _Rule("BR-06", "the seller has a name", lambda read: bool(read.seller.get("name"))),
    _Rule("BR-07", "the buyer has a name", lambda read: bool(read.buyer.get("name"))),
    _Rule("BR-09", "the seller has a country", lambda read: _has_country(read.seller)),
    _Rule("BR-11", "the buyer has a country", lambda read: _has_country(read.buyer)),
    _Rule("BR-16", "a document has a line", lambda read: bool(read.lines)),
    _Rule(
        "BR-25",
        "each line names what was sold",
        lambda read: all(line.get("BT-153") for line in read.lines),
    ),
    _Rule(
        "BR-27",
        "no price is below zero",
        lambda read: all(_number(line, "BT-146") >= 0 for line in read.lines),
    ),
    _Rule(
        "BR-29",
        "the service ends behind its start",
        lambda read: _in_order(read.terms, "BT-73", "BT-74"),
    ),
    _Rule(
        "BR-30",
        "the service of each line ends behind its start",
        lambda read: all(_in_order(line, "BT-134", "BT-135") for line in read.lines),
    ),
    _Rule(
        "BR-42",
        "each allowance has a reason",
        lambda read: all(one.get("reason") or one.get("reason_code") for one in _allowances(read)),
    ),
    _Rule(
        "BR-CO-09",
        "a VAT number begins with its country",
        lambda read: all(
            str(party.get("vat_identifier", "AA"))[:2].isalpha()
            for party in (read.seller, read.buyer)
        ),
    ),
    _Rule(
        "BR-CO-10",
        "the sum of the lines is that of their nets",
        lambda read: read.number("BT-106") == _total(read.lines, "BT-131"),
    ),
    _Rule(
        "BR-CO-13",
        "the net of a document is the sum of its lines",
        lambda read: read.number("BT-109") == read.number("BT-106"),
    ),
    _Rule(
        "BR-CO-14",
        "the tax of a document is the sum of its taxes",
        lambda read: read.number("BT-110") == _total(read.taxes, "BT-117"),
    ),
    _Rule(
        "BR-CO-15",
        "the gross of a document is net and tax",
        lambda read: read.number("BT-112") == read.number("BT-109") + read.number("BT-110"),
    ),
    _Rule(
        "BR-CO-16",
        "what is to be paid is the gross, less what was paid, and rounding",
        lambda read: (
            read.number("BT-115")
            == read.number("BT-112") - read.number("BT-113") + read.number("BT-114")
        ),
    ),
    _Rule(
        "BR-CO-17",
        "each tax is its rate of its base",
        lambda read: all(_is_tax_of_base(tax) for tax in read.taxes),
    ),
    _Rule("BR-CO-18", "a document says what it bears of taxes", lambda read: bool(read.taxes)),
    _Rule(
        "BR-CO-26",
        "the seller can be identified",
        lambda read: any(
            read.seller.get(name) for name in ("identifiers", "legal_identifier", "vat_identifier")
        ),
    ),
    _Rule(
        "BR-DEC",
        "amounts have two places at most",
        lambda read: all(_is_exact(amount) for amount in _amounts(read)),
    ),
    _Rule(
        "BR-S-02, BR-Z-02, BR-E-02, BR-AE-02, BR-IC-02, BR-G-02",
        "a seller whose lines bear a tax has a tax number",
        lambda read: (
            not read.categories() & _SELLER_NUMBERED or _is_numbered(read.seller, _NUMBERS)
        ),
    ),
    _Rule(
        "BR-AE-02, BR-IC-02",
        "a buyer who owes the tax, or buys from within the union, has a tax number",
        lambda read: (
            not read.categories() & _BUYER_NUMBERED
            or _is_numbered(read.buyer, ("vat_identifier", "legal_identifier"))
        ),
    ),
    _Rule(
        "BR-O-02",
        "outside the scope of tax no VAT number is given",
        lambda read: (
            "O" not in read.categories()
            or not (
                _is_numbered(read.seller, ("vat_identifier",))
                or _is_numbered(read.buyer, ("vat_identifier",))
            )
        ),
    ),
    _Rule(
        "BR-S-01, BR-Z-01, BR-E-01, BR-AE-01, BR-IC-01, BR-G-01, BR-O-01",
        "each category of the lines stands in the taxes",
        lambda read: read.categories() <= {tax.get("BT-118") for tax in read.taxes},
    ),
    _Rule(
        "BR-S-08, BR-Z-08, BR-E-08, BR-AE-08, BR-IC-08, BR-G-08, BR-O-08",
        "the base of each tax is the sum of its lines",
        lambda read: all(_covers_lines(read, tax) for tax in read.taxes),
    ),
    _Rule(
        "BR-Z-09, BR-E-09, BR-AE-09, BR-IC-09, BR-G-09, BR-O-09",
        "a category without tax has none",
        lambda read: all(
            tax.get("BT-118") not in _NO_TAX or _number(tax, "BT-117") == 0 for tax in read.taxes
        ),
    ),
    _Rule(
        "BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10",
        "a category without tax says why",
        lambda read: all(
            tax.get("BT-118") not in _WITH_REASON or tax.get("BT-120") or tax.get("BT-121")
            for tax in read.taxes
        ),
    ),
    _Rule(
        "BR-IC-12",
        "a supply within the union says where it was delivered",
        lambda read: (
            "K" not in read.categories()
            or bool(cast(Values, read.terms.get("BG-13", {})).get("country_code"))
        ),
    ),
    _Rule(
        "BR-61",
        "a credit transfer names an account",
        lambda read: not read.has("BT-81") or read.has("BT-84"),
    ),
)
