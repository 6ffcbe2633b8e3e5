"""Gives up what is free of a payment or of a credit note: it becomes income, and pays nothing."""

from dataclasses import dataclass

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.payments.moving import make_moves
from tallystick.app.payments.read_payments import PayerStanding, payer_standing
from tallystick.app.payments.said import text_problem
from tallystick.app.payments.taking_up import taken_up
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused
from tallystick.payments import forfeit


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitCredit:
    """Give up what is free of a source; ``reason`` is kept with the move."""

    source: str
    reason: str


def forfeit_credit(
    command: ForfeitCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[PayerStanding]:
    """
    Give up a balance; documents that were paid with the rest of it stay paid.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        card_number, wrong_text: see `text_problem`.
        unknown_money: there is no payment or surplus of this id; nothing_free: it holds nothing.
    """
    problem = missing_scope(caller, "billing") or text_problem(
        "reason", command.reason, needed=True
    )
    if problem is not None:
        return Refused((problem,))
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        taken = taken_up(uow, command.source, caller=caller, at=clock.now(), reason=command.reason)
        if isinstance(taken, Refused):
            return taken
        standing, moving = taken.value
        if told.value is not None:
            return Done(payer_standing(uow, moving.purse.account))
        moves = forfeit(standing, command.source)
        made = moves if isinstance(moves, Refused) else make_moves(
            uow, standing, moves.value, moving
        )  # fmt: skip
        if isinstance(made, Refused):
            return made
        record = audit_record(
            caller, command, subject=f"payment:{command.source}", at=clock.now(),
            details={"reason": command.reason},
        )  # fmt: skip
        uow.audit.append(record)
        remember(uow, caller, command, command.source.encode())
        answer = payer_standing(uow, moving.purse.account)
        uow.commit()
    return Done(answer)
