"""
What is gained or lost where a payment came in at another rate than that of its documents.

The books value a document in a foreign currency at the rate of its day of issue. What came in for
it in the books' own currency may be more or less; the difference is realized as the payment is
applied. Whole after minus whole before, so that parts come to what one application would.

    200.00 USD are paid by 190.00 EUR; 100.00 USD go to a document of the rate 0.90
    value 95.00 EUR, booked at 90.00 EUR: a gain of 5.00 EUR

Source: the project's semantics, "a payment at another rate posts realized gain or loss".
"""

from fractions import Fraction

from tallystick.currency import ExchangeRate, converted
from tallystick.kernel import EXACT, Amount, Money, check, settle


def value_of_part(part: Money, *, money: Money, received: Money) -> Money:
    """
    Return what a part of a payment came in as, by its own rate, settled half away from zero.

    Args:
        part: in the currency of the documents.
        money: the whole payment, in that currency.
        received: the whole, as it came in.

    Example:
        >>> from tallystick.kernel import currency
        >>> usd, eur = currency("USD"), currency("EUR")
        >>> whole, came = Money(minor=20000, currency=usd), Money(minor=19000, currency=eur)
        >>> str(value_of_part(Money(minor=10000, currency=usd), money=whole, received=came))
        '95.00 EUR'
    """
    check(part.currency == money.currency, f"{part} is no part of {money}")
    share = Fraction(part.minor, money.minor)
    exact = EXACT.divide(EXACT.multiply(received.decimal, share.numerator), share.denominator)
    return settle(Amount(value=exact, currency=received.currency))


def realized_gain(
    before: Money, after: Money, *, money: Money, received: Money, rate: ExchangeRate
) -> Money:
    """
    Return what is gained as more, or less, of a payment stands on a document; negative: a loss.

    Args:
        before: how much of the payment stood on the document, in the document's currency.
        after: how much stands on it now.
        money: the whole payment, in that currency.
        received: the whole, as it came in, in the books' own currency.
        rate: of the document's day of issue, into the books' own currency.
    """
    gains = [
        value_of_part(part, money=money, received=received)
        - settle(converted(part.amount, rate).after)
        for part in (before, after)
    ]
    return gains[1] - gains[0]
