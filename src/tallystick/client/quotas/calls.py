"""
The questions as calls; for either client, which says how a question is answered.

An id that is not given is made: then the call can be tried again within itself, but not by the
caller, who does not know it. Give one wherever the caller may try again.
"""

import secrets
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from tallystick.client.quotas.asked import (
    Acquire,
    Asked,
    Check,
    Commit,
    Consume,
    GiveBack,
    Release,
    Reserve,
)

SOURCE = "tallystick-client"
_ONE = Decimal(1)

_One = TypeVar("_One")
_All = TypeVar("_All")

Number = Decimal | int


class Quotas(Generic[_One, _All]):
    """
    The questions, answered by the server.

    `ServerUnreachable` is raised where it cannot be asked, `RequestRefused` where the question is
    wrong; a refusal of the quantity is a decision.
    """

    def __init__(
        self, ask: Callable[[Asked], _One], ask_all: Callable[[Sequence[Asked]], _All]
    ) -> None:
        self._ask = ask
        self._ask_all = ask_all

    def ask(self, asked: Asked) -> _One:
        """Ask any question in full."""
        return self._ask(asked)

    def ask_all(self, asked: Sequence[Asked]) -> _All:
        """Ask several questions of one kind, at most REQUESTS_MAX, in one request."""
        return self._ask_all(asked)

    def check(
        self, account: str, feature: str, *, quantity: Number = _ONE, operation: str = ""
    ) -> _One:
        return self._ask(
            Check(account=account, feature=feature, quantity=Decimal(quantity), operation=operation)
        )

    def consume(
        self,
        account: str,
        feature: str,
        *,
        quantity: Number = _ONE,
        id: str = "",
        operation: str = "",
    ) -> _One:
        """Use so much; the event's source and data are said with `ask(Consume(...))`."""
        return self._ask(
            Consume(
                account=account,
                feature=feature,
                quantity=Decimal(quantity),
                source=SOURCE,
                id=id or made_id(),
                operation=operation,
            )
        )

    def reserve(
        self,
        account: str,
        feature: str,
        *,
        reservation: str,
        quantity: Number = _ONE,
        seconds: int = 300,
    ) -> _One:
        return self._ask(
            Reserve(
                account=account,
                feature=feature,
                reservation=reservation,
                quantity=Decimal(quantity),
                seconds=seconds,
            )
        )

    def commit(
        self,
        reservation: str,
        *,
        quantity: Number,
        id: str = "",
    ) -> _One:
        """Use so much of a reservation; without an id the event bears that of the reservation."""
        return self._ask(
            Commit(
                reservation=reservation,
                quantity=Decimal(quantity),
                source=SOURCE,
                id=id or reservation,
            )
        )

    def release(self, reservation: str) -> _One:
        return self._ask(Release(reservation=reservation))

    def acquire(self, account: str, feature: str, *, unit: str, quantity: Number = _ONE) -> _One:
        return self._ask(
            Acquire(account=account, feature=feature, unit=unit, quantity=Decimal(quantity))
        )

    def give_back(self, account: str, feature: str, *, unit: str) -> _One:
        return self._ask(GiveBack(account=account, feature=feature, unit=unit))


def made_id() -> str:
    """Return an id that nobody else makes."""
    return secrets.token_hex(16)
