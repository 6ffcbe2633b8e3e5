"""Records that a payment, or a part of it, went back to the payer."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.payments.moving import make_moves
from tallystick.app.payments.ports import KnownPayment
from tallystick.app.payments.read_payments import kept_by_id, known_payment
from tallystick.app.payments.said import money_said, text_problem
from tallystick.app.payments.taking_up import taken_up
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused
from tallystick.payments import Standing, apply_oldest_first, refund


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """
    Record that money went back.

    Attributes:
        payment: of which payment.
        amount: how much, in major units of the payment's currency; empty: all that is left.
        reason: why; for people.
        reference: the other side's; empty: none.
    """

    payment: str
    reason: str
    amount: str = ""
    reference: str = ""


def refund_payment(
    command: RefundPayment, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[KnownPayment]:
    """
    Record a refund; documents whose payment is taken back are owed again, and free money pays them.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        card_number, wrong_text: see `text_problem`.
        unknown_payment: there is none of this id.
        wrong_amount; above_what_was_paid: more than was paid less the refunds before.
    """
    problem = (
        missing_scope(caller, "billing")
        or text_problem("reason", command.reason, needed=True)
        or text_problem("reference", command.reference)
    )
    if problem is not None:
        return Refused((problem,))

    def decide() -> Decided[KnownPayment]:
        done = _refund(command, uow, caller=caller, clock=clock)
        if isinstance(done, Refused):
            return done
        known = known_payment(uow, command.payment)
        if isinstance(known, Refused):
            return known
        return Effect(
            answer=known.value,
            subject=f"payment:{command.payment}",
            at=clock.now(),
            details={"reason": command.reason},
        )

    return carried_out(command, decide, caller=caller, uow=uow, kept=kept_by_id(uow))


def _refund(
    command: RefundPayment, uow: UnitOfWork, *, caller: Caller, clock: Clock
) -> Outcome[Standing]:
    found = known_payment(uow, command.payment)
    if isinstance(found, Refused):
        return found
    taken = taken_up(uow, command.payment, caller=caller, at=clock.now(), reason=command.reason)
    if isinstance(taken, Refused):
        return taken
    standing, moving = taken.value
    money = Done(standing.refundable(command.payment))
    if command.amount:
        said = money_said(command.amount, standing.currency, field="amount")
        if isinstance(said, Refused):
            return said
        money = said
    moves = refund(standing, command.payment, money.value)
    if isinstance(moves, Refused):
        return moves
    made = make_moves(uow, standing, moves.value, moving)
    if isinstance(made, Refused):
        return made
    return make_moves(uow, made.value, apply_oldest_first(made.value), moving)
