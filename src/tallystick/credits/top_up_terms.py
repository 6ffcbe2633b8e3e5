"""
A rule for buying credit by itself, as it is set and as it is read.

    {"threshold": "500", "amount": "1000", "currency": "EUR", "treatment": "prepaid_taxed"}

buys 1,000.00 EUR as less than 500.00 may be used; with `target` instead of `amount` it buys what is
missing to that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from tallystick.credits.grant import GrantKind, Treatment, whole_money
from tallystick.credits.order import NAME_LENGTH_MAX, GrantOrder
from tallystick.credits.top_up import TopUpRule
from tallystick.kernel import (
    EXACT,
    AccountKey,
    Currency,
    Done,
    Misuse,
    Outcome,
    Problem,
    Refused,
    currency,
    parse_decimal,
    plain,
)

TIMES_DEFAULT = 5
_TIMES_MOST = 100
_PAID = (Treatment.DISCOUNT, Treatment.PREPAID_TAXED, Treatment.PAYMENT)


class TopUpDocument(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    A rule as it is set and kept.

    Attributes:
        threshold: below it credit is bought, in ``currency``.
        currency: of ISO 4217, the payer's.
        treatment: ``prepaid_taxed``, ``payment`` or ``discount``.
        amount: how much is bought; or
        target: up to how much.
        times_max: how often in a local month of the payer.
        legal_entity: who sells; empty: the only one.
        name: as documents call what is bought.
    """

    threshold: str
    currency: str
    treatment: str
    amount: str = ""
    target: str = ""
    times_max: int = TIMES_DEFAULT
    legal_entity: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpTerms:
    """
    When to buy, and what.

    Attributes:
        rule: when.
        of: the currency that is watched and bought.
        amount: how much; None: what is missing to ``target``.
        document: as it was set.
    """

    rule: TopUpRule
    of: Currency
    amount: Decimal | None
    target: Decimal | None
    document: TopUpDocument

    def order(self, account: AccountKey, *, balance: Decimal) -> GrantOrder:
        """Return what is ordered where so much may be used."""
        missing = EXACT.subtract(self.target or balance, balance)
        return GrantOrder(
            account=account,
            amount=plain(missing if self.amount is None else self.amount),
            currency=self.of.code,
            kind=GrantKind.PAID.value,
            treatment=self.document.treatment,
            legal_entity=self.document.legal_entity,
            name=self.document.name,
        )


def top_up_terms(document: TopUpDocument) -> Outcome[TopUpTerms]:
    """
    Return the rule that a document says.

    Problems:
        wrong_value: with the field concerned.

    Example:
        >>> odd = TopUpDocument(threshold="500", currency="EUR", treatment="units")
        >>> [one.field for one in top_up_terms(odd).problems]
        ['treatment', 'amount']
    """
    try:
        of = currency(document.currency)
    except Misuse as error:
        return Refused((Problem(code="wrong_value", message=str(error), field="currency"),))
    threshold, amount, target = (
        _number(text, of) for text in (document.threshold, document.amount, document.target)
    )
    faults = [*_faults(document, of)]
    if threshold is not None and target is not None and target < threshold:
        faults.append(("target", "is not below the threshold"))
    if faults or threshold is None:
        problems = (
            Problem(code="wrong_value", message=f'"{field}" {why}', field=field)
            for field, why in faults
        )
        return Refused(tuple(problems))
    rule = TopUpRule(threshold=threshold, times_max=document.times_max)
    return Done(TopUpTerms(rule=rule, of=of, amount=amount, target=target, document=document))


def _faults(document: TopUpDocument, of: Currency) -> Iterator[tuple[str, str]]:
    if document.treatment not in _PAID:
        yield "treatment", "is prepaid_taxed, payment or discount"
    if bool(document.amount) is bool(document.target):
        yield "amount", 'or "target": say one of them'
    if not 1 <= document.times_max <= _TIMES_MOST:
        yield "times_max", f"is 1 to {_TIMES_MOST}"
    if len(document.name) > NAME_LENGTH_MAX or not document.name.isprintable():
        yield "name", f"has at most {NAME_LENGTH_MAX} printable characters"
    for field in ("threshold", "amount", "target"):
        text = str(getattr(document, field))
        if (text or field == "threshold") and _number(text, of) is None:
            yield field, f"is a number above 0, in whole parts of {of.code}"


def _number(text: str, of: Currency) -> Decimal | None:
    try:
        value = parse_decimal(text)
    except Misuse:
        return None
    return value if value > 0 and whole_money(value, of) is not None else None
