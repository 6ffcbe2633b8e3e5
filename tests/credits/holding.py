"""Credit of an account by days: grants and uses in a line each."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.credits import (
    CreditHistory,
    Debit,
    GiveBack,
    Grant,
    GrantKey,
    GrantKind,
    Holding,
    Treatment,
    burn,
    give_back,
    standing,
)
from tallystick.kernel import AccountKey, Done, currency, instant

EUR = currency("EUR")
START = instant("2026-01-01T00:00:00Z")
GIVEN = Grant(
    key=GrantKey("g"),
    account=AccountKey("acme"),
    kind=GrantKind.PROMOTIONAL,
    treatment=Treatment.DISCOUNT,
    amount=Decimal(10),
    of=EUR,
    given_at=START,
    effective_at=START,
)


def day(number: int) -> datetime:
    """Return the midnight of a day counted from the start."""
    return START + timedelta(days=number)


def grant(
    key: str, amount: str | int | Decimal, expires: int | None = None, **terms: object
) -> Grant:
    """Return a grant that is effective from the start, until a day."""
    ends = None if expires is None else day(expires)
    around = replace(GIVEN, key=GrantKey(key), amount=Decimal(amount), expires_at=ends)
    return replace(around, **terms)  # type: ignore[arg-type]  # fields of a grant, by name


def held(*grants: Grant) -> CreditHistory:
    """Return the credit of an account that was given these."""
    return CreditHistory(grants=grants)


def used(
    history: CreditHistory, amount: str | int | Decimal, on: int, key: str = ""
) -> CreditHistory:
    """Return the credit after a use on a day."""
    name = key or f"use-{len(history.movements)}"
    outcome = burn(history, Debit(key=name, at=day(on), amount=Decimal(amount), of=_of(history)))
    assert isinstance(outcome, Done), outcome
    return history if history.movement(name) else history.moved(outcome.value)


def returned(
    history: CreditHistory, amount: str | int | Decimal, on: int, of: str
) -> CreditHistory:
    """Return the credit after some of a use was given back on a day."""
    name = f"back-{len(history.movements)}"
    outcome = give_back(history, GiveBack(key=name, of=of, at=day(on), amount=Decimal(amount)))
    assert isinstance(outcome, Done), outcome
    return history.moved(outcome.value)


def exact(*amounts: int) -> list[Decimal]:
    """Return whole numbers as amounts."""
    return [Decimal(amount) for amount in amounts]


def left(history: CreditHistory, on: int) -> dict[str, Decimal]:
    """Return what is left of each grant on a day."""
    found: dict[str, Decimal] = {one.key: Decimal(0) for one in history.grants}
    for one in standing(history, day(on)):
        found[one.lot.grant.key] += one.left
    return found


def _of(history: CreditHistory) -> Holding:
    return history.grants[0].of
