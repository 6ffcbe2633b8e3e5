"""
The labels of steps in the words of a language.

Rating writes a step's label in English, and it stays so in the stored document.  What is known
here is said in the document's language; what is not is shown as it was written.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from tallystick.integrations.documents.formats import Formats
from tallystick.integrations.documents.words import Words
from tallystick.invoicing import shown_within

_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?)"
_TIER = re.compile(
    rf"tier (?P<number>[0-9]+): (?:all|(?:above {_NUMBER})?(?:, )?(?:up to {_NUMBER})?)"
    rf"(?:, packages of {_NUMBER})?"
)
_DISCOUNT = re.compile(rf"(.+) of {_NUMBER} %")
_BOUNDS: tuple[tuple[re.Pattern[str], Callable[[Words], str]], ...] = (
    (re.compile(rf"started packages of {_NUMBER}"), lambda words: words.packages),
    (re.compile(rf"up to the minimum of {_NUMBER}"), lambda words: words.minimum),
    (re.compile(rf"down to the maximum of {_NUMBER}"), lambda words: words.maximum),
    (re.compile(rf"above the commitment of {_NUMBER}"), lambda words: words.above_commitment),
)
_SHARE = re.compile(r"([0-9]+/[0-9]+) of the period")
_PLAIN: dict[str, Callable[[Words], str]] = {
    "flat fee": lambda words: words.flat_fee,
    "allowance": lambda words: words.allowance,
    "below zero, priced as 0": lambda words: words.below_zero,
    "units": lambda words: words.quantity,
    "discount": lambda words: words.discount,
    "committed and used": lambda words: words.committed,
    "committed, not used": lambda words: words.unused,
    "other prices": lambda words: words.other_prices,
    "covered by other prices": lambda words: words.covered,
    "cost": lambda words: words.cost,
    "for each transaction": lambda words: words.transaction,
}


def step_label(label: str, *, words: Words, formats: Formats) -> str:
    """
    Return a step's label in the words of a language.

    >>> from tallystick.integrations.documents.formats import formats_for
    >>> from tallystick.integrations.documents.words import WORDS
    >>> german = {"words": WORDS["de"], "formats": formats_for("de", "")}
    >>> step_label("tier 2: above 1000, up to 20000", **german)
    'Stufe 2: über 1.000, bis 20.000'
    """
    if label in _PLAIN:
        return _PLAIN[label](words)
    if found := _TIER.fullmatch(label):
        return _tier(found, words=words, formats=formats)
    for pattern, said in _BOUNDS:
        if found := pattern.fullmatch(label):
            bound = formats.quantity(Decimal(found[1]))
            return said(words).format(bound=bound, size=bound)
    if found := _DISCOUNT.fullmatch(label):
        return _discount(found, words=words, formats=formats)
    if found := _SHARE.fullmatch(label):
        share = Fraction(found[1])
        return words.share.format(share=f"{share.numerator}/{share.denominator}")
    return shown_within(label)


def _discount(found: re.Match[str], *, words: Words, formats: Formats) -> str:
    """Word a discount or markup in percent; a discount's own name stays as it is."""
    percent = formats.percent(Decimal(found[2]))
    if found[1] == "markup":
        return words.markup.format(percent=percent)
    name = words.discount if found[1] == "discount" else words.apart(found[1])
    return words.discount_of.format(name=name, percent=percent)


def _tier(found: re.Match[str], *, words: Words, formats: Formats) -> str:
    above, up_to, size = found[2], found[3], found[4]
    bounds = []
    if above is not None:
        bounds.append(words.above.format(bound=formats.quantity(Decimal(above))))
    if up_to is not None:
        bounds.append(words.up_to.format(bound=formats.quantity(Decimal(up_to))))
    if size is not None:
        bounds.append(words.packages.format(size=formats.quantity(Decimal(size))))
    extent = ", ".join(bounds) or words.everything
    return f"{words.tier.format(number=found['number'])}: {extent}"
