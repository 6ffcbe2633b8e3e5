"""
A tax rule: what tax a supply bears, where, from when on.

Rules are declared by the operator, for rates and the law change and differ; none stands in code.
Which of them applies to a line is found in package ``tax``.

    DE  VAT  19 %  S   from 2021-01-01
    FR  VAT   0 %  AE  cross border, to businesses: the buyer owes the tax (reverse charge)

Source of the categories: code list UNTDID 5305 as EN 16931 restricts it (BT-118, BT-151).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tallystick.kernel import FRACTION_DIGITS_MAX, Problem

RATE_MAX = Decimal(1000)


class TaxCategory(StrEnum):
    """How a line stands towards a tax, as EN 16931 names it."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"
    CANARY_ISLANDS = "L"
    CEUTA_MELILLA = "M"


class SupplyKind(StrEnum):
    """Whether the seller is established or registered in the buyer's country, or not."""

    ANY = "any"
    DOMESTIC = "domestic"
    CROSS_BORDER = "cross_border"


class BuyerKind(StrEnum):
    """Whom a rule is for; a business is one whose tax number is accepted."""

    ANY = "any"
    BUSINESS = "business"
    CONSUMER = "consumer"


CHARGING = frozenset({TaxCategory.STANDARD, TaxCategory.CANARY_ISLANDS, TaxCategory.CEUTA_MELILLA})
_EXPLAINED = frozenset(
    {
        TaxCategory.EXEMPT,
        TaxCategory.REVERSE_CHARGE,
        TaxCategory.INTRA_COMMUNITY,
        TaxCategory.EXPORT,
        TaxCategory.OUTSIDE_SCOPE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """
    One tax on what is sold to a place.

    Attributes:
        tax: its name; rules of different names apply side by side (GST and QST).
        country: ISO 3166-1 alpha-2, where the buyer is; empty: any that no rule of this tax names.
        region: a part of the country, such as ``QC``; empty: all of it.
        product: the tax category of the prices it is for; empty: all.
        supply: whether the seller must be at home there, or must not.
        buyer: whom it is for.
        rate: percent, as 19 for 19 %.
        category: of EN 16931; only S, L and M charge anything.
        jurisdiction: country to which the tax is owed; empty: ``country``.
        reason: why nothing is charged, for people; required where the category needs one.
        reason_code: the same from the VATEX code list, for machines.
        valid_from: the first local day on which it holds.
        valid_until: the day before which it ends; None: open.
    """

    key: str
    tax: str = "VAT"
    country: str = ""
    region: str = ""
    product: str = ""
    supply: SupplyKind = SupplyKind.ANY
    buyer: BuyerKind = BuyerKind.ANY
    rate: Decimal
    category: TaxCategory = TaxCategory.STANDARD
    jurisdiction: str = ""
    reason: str = ""
    reason_code: str = ""
    valid_from: date
    valid_until: date | None = None

    @property
    def owed_in(self) -> str:
        """Return the country to which the tax is owed, empty where none is."""
        return self.jurisdiction or self.country

    @property
    def selector(self) -> tuple[str, str, str, str, SupplyKind, BuyerKind]:
        """Return what it is for; two rules for the same may not hold on one day."""
        return (self.tax, self.country, self.region, self.product, self.supply, self.buyer)

    def holds_on(self, day: date) -> bool:
        """Return whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def overlaps(self, other: "TaxRule") -> bool:
        """Return whether both are for the same and hold on one day."""
        return (
            self.key != other.key
            and self.selector == other.selector
            and (other.valid_until is None or self.valid_from < other.valid_until)
            and (self.valid_until is None or other.valid_from < self.valid_until)
        )


def _is_percent(rate: Decimal) -> bool:
    exponent = rate.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -FRACTION_DIGITS_MAX and 0 <= rate <= RATE_MAX


def tax_rule_problems(rule: TaxRule) -> Iterator[Problem]:
    """
    Yield what a rule contradicts itself in.

    Problems:
        wrong_value: with the field concerned.

    Example:
        >>> rule = TaxRule(key="x", country="DE", rate=Decimal(0), valid_from=date(2026, 1, 1))
        >>> [problem.field for problem in tax_rule_problems(rule)]
        ['rate']
    """
    found: list[tuple[str, str]] = []
    if not _is_percent(rule.rate):
        found.append(("rate", f"is percent, 0 to {RATE_MAX}, such as 19"))
    if rule.category not in CHARGING and rule.rate != 0:
        found.append(("rate", f"must be 0: category {rule.category.value} charges nothing"))
    if rule.category is TaxCategory.STANDARD and rule.rate == 0:
        found.append(("rate", "must be above 0: category S charges; choose Z, E, AE, K, G or O"))
    if rule.category in _EXPLAINED and not (rule.reason or rule.reason_code):
        found.append(("reason", f"is missing: category {rule.category.value} needs one"))
    if rule.region and not rule.country:
        found.append(("country", "is missing: a region lies in a country"))
    if rule.rate > 0 and not rule.owed_in:
        found.append(("jurisdiction", "is missing: to which country is the tax owed?"))
    if rule.valid_until is not None and rule.valid_until <= rule.valid_from:
        found.append(("valid_until", "must lie after valid_from"))
    for field, message in found:
        yield Problem(code="wrong_value", message=f'"{field}" {message}', field=field)
