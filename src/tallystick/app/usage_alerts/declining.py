"""Who wants no letters on usage: told once, by whoever may respond to alerts."""

import re
from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.ports import DeclinedLetters
from tallystick.kernel import Done, Outcome, Refused, digest, refuse

_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineLetters:
    """
    Send an address no letters on usage any more, or again.

    Attributes:
        address: for e-mail; capitals make no difference.
        again: whether letters come again.
    """

    address: str
    again: bool = False


def decline_letters(
    command: DeclineLetters, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[DeclinedLetters]:
    """
    Note that an address wants no letters on usage, or take that back; again it changes nothing.

    The audit names the address by its digest, since what it holds is never erased.

    Problems:
        forbidden: the caller lacks the scope ``quota``.
        wrong_value: it is no e-mail address; not_found: letters come already.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.QUOTA)
    if unpermitted is not None:
        return Refused((unpermitted,))
    address = command.address.strip().lower()
    if _EMAIL.fullmatch(address) is None:
        return refuse("wrong_value", f"{command.address[:80]!r} is no e-mail address", "address")
    now = clock.now()

    def decide() -> Decided[DeclinedLetters]:
        new = DeclinedLetters(address=address, declined_at=now, declined_by=caller.actor)
        declined = uow.usage_alerts.declined
        stands = declined.take_back(address) if command.again else declined.add(new)
        if stands is None:
            return refuse("not_found", f"{address} declined no letters", "address")
        subject = f"letters:{digest(address.encode())}"
        return Effect(answer=stands, subject=subject, at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(DeclinedLetters))


def list_declined(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[tuple[DeclinedLetters, ...]]:
    """
    Return who declined letters, by address, those after the given one.

    Problems:
        forbidden: the caller lacks the scope ``quota``.
    """
    unpermitted = missing_scope(caller, Scope.QUOTA)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.usage_alerts.declined.page(after=after, limit=limit))
