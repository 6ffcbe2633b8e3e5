"""`/v1/payments`: what payers paid, what it pays, refunds; and how a payer stands."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import (
    AllocationOrder,
    ForfeitOrder,
    PaymentItem,
    PaymentOrder,
    RefundOrder,
    StandingAnswer,
    wire_from_payment,
    wire_from_standing,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.payments import (
    AllocateMoney,
    ForfeitCredit,
    NamedDocument,
    RecordPayment,
    RefundPayment,
    allocate_money,
    forfeit_credit,
    list_payments,
    record_payment,
    refund_payment,
    show_payment,
    show_standing,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey, InvoiceId

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)


@get("/", opt=OWN, sync_to_thread=True, summary="List payments")
def payments(
    application: Application,
    caller: Caller,
    page: PageRequest,
    account: Annotated[AccountKey | None, Parameter(description="Only this payer's.")] = None,
) -> Page[PaymentItem]:
    """List payments by id, each with what became of it."""
    uow = application.units(caller.workspace)
    found = value_of(
        list_payments(caller, uow=uow, after=page.after, limit=page.limit + 1, account=account)
    )
    return page.page(found, lambda each: each.payment.id, wire=wire_from_payment)


@get("/{payment:str}", opt=OWN, sync_to_thread=True, summary="Show a payment")
def payment_of_id(payment: str, application: Application, caller: Caller) -> PaymentItem:
    """Show a payment with the documents that it pays, and its refunds."""
    uow = application.units(caller.workspace)
    return wire_from_payment(value_of(show_payment(caller, payment, uow=uow)))


@get("/standing/{account:str}", opt=OWN, sync_to_thread=True, summary="Show how a payer stands")
def standing(account: str, application: Application, caller: Caller) -> StandingAnswer:
    """Show what a payer owes, document by document, and what money is at hand."""
    uow = application.units(caller.workspace)
    return wire_from_standing(value_of(show_standing(caller, AccountKey(account), uow=uow)))


@post("/", opt=BILLING, sync_to_thread=True, status_code=200, summary="Record a payment")
def record(data: PaymentOrder, application: Application, caller: Caller) -> PaymentItem:
    """Record what was paid by transfer, cash, cheque or elsewhere, and what it pays."""
    outcome = record_payment(
        RecordPayment(
            account=data.account,
            amount=data.amount,
            currency=data.currency,
            legal_entity=data.legal_entity,
            received=data.received,
            method=data.method,
            reference=data.reference,
            note=data.note,
            cash=data.cash,
            paid_at=utc_if_given("$.paid_at", data.paid_at),
            documents=tuple(
                NamedDocument(document=InvoiceId(one.document), amount=one.amount)
                for one in data.documents
            ),
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_payment(value_of(outcome))


@post(
    "/{payment:str}/refund",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Record a refund",
)
def refund(
    payment: str, data: RefundOrder, application: Application, caller: Caller
) -> PaymentItem:
    """Record that money went back; documents whose payment is taken back are owed again."""
    outcome = refund_payment(
        RefundPayment(
            payment=payment, reason=data.reason, amount=data.amount, reference=data.reference
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_payment(value_of(outcome))


@post(
    "/{payment:str}/allocate",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Say what money pays",
)
def allocate(
    payment: str, data: AllocationOrder, application: Application, caller: Caller
) -> StandingAnswer:
    """Apply a payment, or the surplus of a credit note; tells how the payer stands then."""
    outcome = allocate_money(
        AllocateMoney(
            source=payment,
            documents=tuple(
                NamedDocument(document=InvoiceId(one.document), amount=one.amount)
                for one in data.documents
            ),
            release=tuple(InvoiceId(one) for one in data.release),
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_standing(value_of(outcome))


@post(
    "/{payment:str}/forfeit",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Give up a balance",
)
def forfeit(
    payment: str, data: ForfeitOrder, application: Application, caller: Caller
) -> StandingAnswer:
    """Give up what is free of a payment or credit note; what it paid stays paid."""
    outcome = forfeit_credit(
        ForfeitCredit(source=payment, reason=data.reason),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_standing(value_of(outcome))


payments_router = Router(
    path="/payments",
    route_handlers=[payments, payment_of_id, standing, record, refund, allocate, forfeit],
    tags=["payments"],
)
