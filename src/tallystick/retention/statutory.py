"""
Statutory minimums: how many years the law of a legal entity's country asks records to be kept.

Years count from the end of the calendar year in which a record was made, for every country: most
laws say so, and for the others it is never shorter than they ask, as long as the business year is
the calendar year. A country that is not named here has the longest of all. Where laws differ by
kind of business, the longer one is taken.

The table is a default of the trade, not legal advice, and nothing is removed because of it. Rows
marked *law* were held against the wording of the law in November 2026; what else is known of the
others is in the last column, and whoever relies on one asks an adviser first. A row says which of
the two it is wherever it is shown.

| country | law | years | held against |
|---|---|---|---|
| AT | BAO § 132 (1), UGB § 212 (1), (2) | seven from the end of the calendar year | law |
| BE | VAT Code art. 60 § 3 (the books, CEL III.86: seven) | ten since 2023 | circular 2023/C/58 |
| CH | OR Art. 958f (1) | ten from the end of the business year | law |
| DE | AO § 147 (3), HGB § 257 (4), UStG § 14b | vouchers and invoices eight, books ten | law |
| DK | Bogføringsloven § 12 | five | the act of 2006, there § 10 |
| ES | Código de Comercio art. 30 (1) | six from the last entry | a textbook |
| FR | Code de commerce art. L123-22 | ten | law |
| GB | VATA 1994 Sch. 11 para. 6 (3) | six at most, as the Commissioners say | law |
| IE | VAT Consolidation Act 2010 s. 84 (3) | six from the latest transaction | law |
| IT | Codice civile art. 2220 | ten from the last entry, invoices too | law |
| NL | AWR art. 52 (4) | seven | a guide |
| SE | Bokföringslag 7 kap. 2 § | seven from the end of the calendar year | law |
| US | IRC § 6511 (d) (1), 26 CFR § 301.6511(d)-1 | seven from the day the return is due | law |

A return of the United States is due in the year after the one that it is about: records are asked
for until the eighth year after their own. Most claims there end after three.
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
        confirmed: whether the years were held against the wording of the law.
    """

    country: str
    law: str
    invoices: int
    journal: int
    audit: int
    confirmed: bool

    def years(self, records: Records) -> int:
        """Return the years of one kind of record."""
        return {
            Records.INVOICES: self.invoices,
            Records.JOURNAL: self.journal,
            Records.AUDIT: self.audit,
        }[records]


def _all(country: str, years: int, law: str, *, confirmed: bool) -> StatutoryMinimum:
    return StatutoryMinimum(
        country=country,
        law=law,
        invoices=years,
        journal=years,
        audit=years,
        confirmed=confirmed,
    )


_NAMED = (
    _all("AT", 7, "BAO § 132 (1), UGB § 212", confirmed=True),
    _all("BE", 10, "VAT Code art. 60 § 3, CEL III.86", confirmed=False),
    _all("CH", 10, "OR Art. 958f", confirmed=True),
    StatutoryMinimum(
        country="DE",
        law="AO § 147 (3), HGB § 257 (4), UStG § 14b",
        invoices=8,
        journal=10,
        audit=10,
        confirmed=True,
    ),
    _all("DK", 5, "Bogføringsloven § 12", confirmed=False),
    _all("ES", 6, "Código de Comercio art. 30", confirmed=False),
    _all("FR", 10, "Code de commerce art. L123-22", confirmed=True),
    _all("GB", 6, "VATA 1994 Sch. 11 para. 6 (3)", confirmed=True),
    _all("IE", 6, "VAT Consolidation Act 2010 s. 84 (3)", confirmed=True),
    _all("IT", 10, "Codice civile art. 2220", confirmed=True),
    _all("NL", 7, "AWR art. 52 (4)", confirmed=False),
    _all("SE", 7, "Bokföringslag 7 kap. 2 §", confirmed=True),
    _all("US", 8, "IRC § 6511 (d)(1)", confirmed=True),
)
MINIMUMS = {minimum.country: minimum for minimum in _NAMED}
LONGEST = _all(
    "",
    max(minimum.years(records) for minimum in _NAMED for records in Records),
    "the longest of the countries known here",
    confirmed=False,
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
