"""Sends a document by e-mail once more, or to another address."""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.delivery.courier import MAIL
from tallystick.app.invoicing import load_to_write
from tallystick.app.keys import Scope
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    Done,
    InvoiceId,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
    refuse,
)

_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDocument:
    """
    Send an issued document by e-mail.

    Attributes:
        to: an address; empty: that of the payer.
    """

    invoice: InvoiceId
    to: str = ""


class SentDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that is on its way: the id of its message, and where to."""

    id: str
    to: str


def send_document(
    command: SendDocument, *, caller: Caller, uow: UnitOfWork, clock: Clock, has_post: bool
) -> Outcome[SentDocument]:
    """
    Put a letter into the outbox; the worker sends it.

    Args:
        command: which document, and where to.
        caller: who asks.
        uow: of the caller's workspace.
        clock: tells when.
        has_post: whether a mail server is configured.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        no_mail_server: none is configured.
        unknown_invoice: there is none of this id, or the caller may not see it.
        not_issued: it is a draft.
        no_address: neither the order nor the payer has one; wrong_value: it is no e-mail address.
        Those of an idempotency key.
    """
    problem = _problem(command, caller, has_post=has_post)
    if problem is not None:
        return Refused((problem,))

    def decide() -> Decided[SentDocument]:
        to = _address(command, caller, uow)
        if isinstance(to, Refused):
            return to
        now = clock.now()
        sent = _put(command, to.value, caller=caller, uow=uow, now=now)
        subject, details = f"invoice:{command.invoice}", {"message": sent.id}
        return Effect(answer=sent, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(SentDocument))


def _problem(command: SendDocument, caller: Caller, *, has_post: bool) -> Problem | None:
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return unpermitted
    if not has_post:
        message = "no mail server is configured: set TALLYSTICK_SMTP_URL and TALLYSTICK_MAIL_FROM"
        return Problem(code="no_mail_server", message=message)
    if command.to and _EMAIL.fullmatch(command.to) is None:
        message = f"{command.to[:80]!r} is no e-mail address"
        return Problem(code="wrong_value", message=message, field="to")
    return None


def _put(
    command: SendDocument, to: str, *, caller: Caller, uow: UnitOfWork, now: datetime
) -> SentDocument:
    # A test clock stands: two orders of one instant are told apart by their keys and requests.
    order = (instant_text(now), caller.idempotency_key or "", caller.request_id)
    sent = SentDocument(id=derived_id("mail", command.invoice, to, *order), to=to)
    uow.outbox.put(
        Message(
            workspace=caller.workspace,
            id=sent.id,
            topic=MAIL,
            payload={"id": command.invoice, "to": to},
            due_at=now,
            trace_id=caller.trace_id,
        )
    )
    return sent


def _address(command: SendDocument, caller: Caller, uow: UnitOfWork) -> Outcome[str]:
    document = load_to_write(caller, command.invoice, uow=uow)
    if isinstance(document, Refused):
        return document
    if document.value.invoice.number is None:
        return refuse("not_issued", "a draft is not sent; issue it first", "invoice")
    payer = uow.accounts.load_account(document.value.invoice.account)
    to = command.to or (payer.contact.email if payer is not None else "")
    if not to:
        message = f"account {document.value.invoice.account} has no e-mail address; say where to"
        return refuse("no_address", message, "to")
    return Done(to)
