"""
Statutory minimums: how many years the law of a legal entity's country asks records to be kept.

Years count from the end of the calendar year in which a record was made, for every country: most
laws say so, and for the others it is never shorter than they ask, as long as the business year is
the calendar year. A country that is not named here has the longest of all. Where laws differ by
kind of business, the longer one is taken.

The row of DE was held against the wording of the law. The others name where the years are commonly
said to be written and were not held against the text: ask whoever advises you before you rely on
one. The table is a default of the trade, not legal advice, and nothing is removed because of it.

| country | law |
|---|---|
| AT | BAO § 132 (1), UGB § 212: seven years |
| BE | VAT Code art. 60 § 3: ten years since 2023 (the books, CEL III.86: seven) |
| CH | OR Art. 958f: ten years |
| DE | AO § 147 (3), HGB § 257 (4), UStG § 14b: vouchers and invoices eight years, books ten |
| DK | Bogføringsloven § 12: five years |
| ES | Código de Comercio art. 30: six years |
| FR | Code de commerce art. L123-22: ten years |
| GB | VATA 1994 Sch. 11 para. 6 (3): six years |
| IE | VAT Consolidation Act 2010 s. 84, TCA 1997 s. 886: six years |
| IT | Codice civile art. 2220: ten years |
| NL | AWR art. 52 (4): seven years |
| SE | Bokföringslag 7 kap. 2 §: seven years |
| US | IRC § 6001 with § 6511 (d)(1): seven years, the longest of its limits |
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Records(StrEnum):
    """The kinds of record that a law speaks of."""

    INVOICES = "invoices"
    JOURNAL = "journal"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryMinimum:
    """
    What a country asks for.

    Attributes:
        country: ISO 3166-1 alpha-2; empty for any that is not named.
        law: where it is written.
        invoices, journal, audit: years from the end of the calendar year of making.
    """

    country: str
    law: str
    invoices: int
    journal: int
    audit: int

    def years(self, records: Records) -> int:
        """Return the years of one kind of record."""
        return {
            Records.INVOICES: self.invoices,
            Records.JOURNAL: self.journal,
            Records.AUDIT: self.audit,
        }[records]


def _all(country: str, years: int, law: str) -> StatutoryMinimum:
    return StatutoryMinimum(country=country, law=law, invoices=years, journal=years, audit=years)


_NAMED = (
    _all("AT", 7, "BAO § 132 (1), UGB § 212"),
    StatutoryMinimum(
        country="BE",
        law="VAT Code art. 60 § 3, CEL III.86",
        invoices=10,
        journal=10,
        audit=10,
    ),
    _all("CH", 10, "OR Art. 958f"),
    StatutoryMinimum(
        country="DE",
        law="AO § 147 (3), HGB § 257 (4), UStG § 14b",
        invoices=8,
        journal=10,
        audit=10,
    ),
    _all("DK", 5, "Bogføringsloven § 12"),
    _all("ES", 6, "Código de Comercio art. 30"),
    _all("FR", 10, "Code de commerce art. L123-22"),
    _all("GB", 6, "VATA 1994 Sch. 11 para. 6 (3)"),
    _all("IE", 6, "VAT Consolidation Act 2010 s. 84, TCA 1997 s. 886"),
    _all("IT", 10, "Codice civile art. 2220"),
    _all("NL", 7, "AWR art. 52 (4)"),
    _all("SE", 7, "Bokföringslag 7 kap. 2 §"),
    _all("US", 7, "IRC § 6001, § 6511 (d)(1)"),
)
MINIMUMS = {minimum.country: minimum for minimum in _NAMED}
LONGEST = _all(
    "",
    max(minimum.years(records) for minimum in _NAMED for records in Records),
    "the longest of the countries known here",
)


def minimum_of(country: str) -> StatutoryMinimum:
    """
    Return what a country asks for; the longest of all where it is not known.

    Example:
        >>> minimum_of("DE").invoices, minimum_of("nl").journal, minimum_of("").audit
        (8, 7, 10)
    """
    return MINIMUMS.get(country.strip().upper(), LONGEST)


def kept_until(minimum: StatutoryMinimum, records: Records, *, made_at: datetime) -> datetime:
    """
    Return the first instant at which the law no longer asks for a record made at an instant.

    Example:
        >>> made = datetime(2026, 3, 5, tzinfo=UTC)
        >>> kept_until(minimum_of("DE"), Records.INVOICES, made_at=made).isoformat()
        '2035-01-01T00:00:00+00:00'
    """
    return datetime(made_at.year + 1 + minimum.years(records), 1, 1, tzinfo=UTC)
