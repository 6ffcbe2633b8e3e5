"""
What taxes ask of an account: is it a business, under which number, and what is it exempt from.

A certificate of exemption is dated: it covers what has its tax point within its time.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxExemption:
    """
    A certificate that frees a buyer of a tax.

    Attributes:
        country: ISO 3166-1 alpha-2, whose tax it is.
        region: a part of the country; empty: all of it.
        tax: the name of the tax, as in tax rules; empty: every one.
        reason: what stands on the invoice.
        reason_code: the same from the VATEX code list; empty: none.
        certificate: its number; empty: none.
        valid_from: the first local day on which it holds.
        valid_until: the day before which it ends; None: open.
    """

    country: str
    region: str = ""
    tax: str = ""
    reason: str
    reason_code: str = ""
    certificate: str = ""
    valid_from: date
    valid_until: date | None = None

    def covers(self, tax: str, *, country: str, region: str, on: date) -> bool:
        """Return whether it frees of a tax, owed to a country or its region, on a day."""
        return (
            self.country == country
            and self.region in {"", region}
            and self.tax in {"", tax}
            and self.valid_from <= on
            and (self.valid_until is None or on < self.valid_until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxpayer:
    """
    An account in the eyes of the tax.

    Attributes:
        region: the part of its country where it is, such as ``QC``.
        business: whether it buys as a business.
        tax_id: its VAT number or the like, with the country's letters where it has them.
    """

    region: str = ""
    business: bool = False
    tax_id: str = ""
    exemptions: tuple[TaxExemption, ...] = ()
