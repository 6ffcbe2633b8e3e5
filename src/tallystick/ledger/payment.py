"""
A payment of a receivable in a foreign currency: what was gained or lost by the rate.

The books value a receivable at the rate of its document. What is received later may be worth more
or less; the difference is realized when it is paid. A position keeps both currencies balanced:

    100.00 USD, booked at 90.00 EUR, are paid and fetch 95.00 EUR

        receivable:acme              -100.00 USD
        currency_position:USD        +100.00 USD
        currency_position:USD         -90.00 EUR
        cash:bank                     +95.00 EUR
        exchange_difference:USD        -5.00 EUR      a gain; a loss is a debit

Source: the project's semantics, "a payment at another rate posts realized gain or loss".
"""

from dataclasses import dataclass

from tallystick.kernel import Misuse, Money
from tallystick.ledger.chart import AccountKind, chart_name
from tallystick.ledger.journal import Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPayment:
    """
    A receivable that is paid in another currency than the books keep.

    Attributes:
        payer: whose receivable.
        cash: where the money lies.
        paid: of the receivable, in its currency.
        booked: what that was worth at the document's rate, in the books' currency.
        received: what it fetched, in the books' currency.

    Raises:
        Misuse: booked and received differ in currency, or nothing foreign is in it.
    """

    payer: str
    cash: str
    paid: Money
    booked: Money
    received: Money

    def __post_init__(self) -> None:
        """Refuse what is not a payment across currencies."""
        own = self.booked.currency
        if self.received.currency != own or self.paid.currency == own:
            raise Misuse(
                f"{self.paid}, booked at {self.booked}, cannot have fetched {self.received}"
            )

    @property
    def difference(self) -> Money:
        """Return what was gained by the rate, negative for a loss."""
        return self.received - self.booked


def payment_postings(payment: ForeignPayment) -> tuple[Posting, ...]:
    """
    Return what a payment moves, balanced in both currencies.

    Example:
        >>> from tallystick.kernel import currency
        >>> usd, eur = currency("USD"), currency("EUR")
        >>> paid = ForeignPayment(payer="acme", cash="bank", paid=Money(minor=10000, currency=usd),
        ...     booked=Money(minor=9000, currency=eur), received=Money(minor=8950, currency=eur))
        >>> [f"{leg.account} {leg.money}" for leg in payment_postings(paid)][3:]
        ['cash:bank 89.50 EUR', 'exchange_difference:USD 0.50 EUR']
    """
    code = payment.paid.currency.code
    position = chart_name(AccountKind.CURRENCY_POSITION, code)
    moved = (
        (chart_name(AccountKind.RECEIVABLE, payment.payer), -payment.paid),
        (position, payment.paid),
        (position, -payment.booked),
        (chart_name(AccountKind.CASH, payment.cash), payment.received),
        (chart_name(AccountKind.EXCHANGE_DIFFERENCE, code), -payment.difference),
    )
    return tuple(
        Posting(account=account, money=money) for account, money in moved if money.minor != 0
    )
