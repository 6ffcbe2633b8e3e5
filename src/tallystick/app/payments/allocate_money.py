"""Applies money of a payer to documents that are named, after taking it back from others."""

from dataclasses import dataclass

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.payments.moving import make_moves
from tallystick.app.payments.read_payments import PayerStanding, payer_standing
from tallystick.app.payments.record_payment import NamedDocument, names_of
from tallystick.app.payments.taking_up import taken_up
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, InvoiceId, Outcome, Refused, refuse
from tallystick.payments import Move, MoveKind, Standing, apply_named, apply_oldest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateMoney:
    """
    Say which documents a payment or surplus pays.

    Attributes:
        source: id of the payment, or of the document that left a surplus.
        documents: what it pays; nothing: what is due, oldest first.
        release: documents from which its money is taken back before.
    """

    source: str
    documents: tuple[NamedDocument, ...] = ()
    release: tuple[InvoiceId, ...] = ()


def allocate_money(
    command: AllocateMoney, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[PayerStanding]:
    """
    Apply money as somebody says, and return how the payer stands.

    What is free in the end pays what is due, oldest first, as always.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_money: there is no payment or surplus of this id.
        nothing_applied: nothing of it stands on a document that is to be released.
        Those of `apply_named` and `make_moves`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        purse = uow.money.purse_of(command.source)
        if purse is None:
            message = f"there is no payment or credit {command.source}"
            return refuse("unknown_money", message, "source")
        if told.value is not None:
            return Done(payer_standing(uow, purse.account))
        done = _allocate(command, uow, caller=caller, clock=clock)
        if isinstance(done, Refused):
            return done
        subject = f"payment:{command.source}"
        uow.audit.append(audit_record(caller, command, subject=subject, at=clock.now(), details={}))
        remember(uow, caller, command, command.source.encode())
        answer = payer_standing(uow, purse.account)
        uow.commit()
    return Done(answer)


def _allocate(
    command: AllocateMoney, uow: UnitOfWork, *, caller: Caller, clock: Clock
) -> Outcome[Standing]:
    taken = taken_up(uow, command.source, caller=caller, at=clock.now())
    if isinstance(taken, Refused):
        return taken
    standing, moving = taken.value
    released = _released(standing, command)
    if isinstance(released, Refused):
        return released
    named = names_of(command.documents, moving.purse.currency)
    if isinstance(named, Refused):
        return named
    moves = apply_named(standing.after(released.value), command.source, named.value)
    if isinstance(moves, Refused):
        return moves
    made = make_moves(uow, standing, (*released.value, *moves.value), moving)
    if isinstance(made, Refused):
        return made
    return make_moves(uow, made.value, apply_oldest_first(made.value), moving)


def _released(standing: Standing, command: AllocateMoney) -> Outcome[tuple[Move, ...]]:
    moves: list[Move] = []
    for document in command.release:
        stands = [
            one.money
            for one in standing.applied
            if (one.source, one.document) == (command.source, document)
        ]
        if not stands:
            message = f"nothing of {command.source} stands on {document}"
            return refuse("nothing_applied", message, "release")
        moves.append(
            Move(
                kind=MoveKind.TAKEN_BACK,
                source=command.source,
                document=document,
                money=stands[0],
            )
        )
    return Done(tuple(moves))
