"""Taxes of documents: of what they charge first, and of what they correct."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.naive.facts import Year
from tests.naive.pieces import Key
from tests.naive.prices import cents


@dataclass(slots=True)
class Taxes:
    """What was taxed together so far: by the document that charged a price and part first."""

    year: Year
    whole_of: dict[Key, int] = field(default_factory=dict)
    net: dict[int, int] = field(default_factory=dict)
    issued: dict[int, int] = field(default_factory=dict)

    def of_document(self, number: int, lines: Iterable[tuple[Key, int]], *, anew: bool) -> int:
        """
        Return the tax of a document: of what it charges first, and of what it corrects.

        Corrected tax is the tax of the corrected whole, less the tax that was issued for it.  What
        is billed ``anew`` is a whole of its own.
        """
        touched = set()
        for key, minor in lines:
            if anew:
                self.whole_of[key] = number
            whole = self.whole_of.setdefault(key, number)
            self.net[whole] = self.net.get(whole, 0) + minor
            touched.add(whole)
        total = 0
        for whole in touched:
            tax = tax_on(self.year, self.net[whole]) - self.issued.get(whole, 0)
            self.issued[whole] = self.issued.get(whole, 0) + tax
            total += tax
        return total


def tax_on(year: Year, minor: int) -> int:
    """Return the tax on a sum of lines, or the tax that it holds, in cents."""
    if year.tax is None:
        return 0
    amount = Fraction(minor, 100)
    if year.tax_inside:
        return cents(amount * year.tax / (1 + year.tax))
    return cents(amount * year.tax)
