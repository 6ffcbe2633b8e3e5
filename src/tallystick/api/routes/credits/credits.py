"""`/v1/credits`: what accounts were given or bought, what they used, what is left."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.routes.credits.top_ups import TOP_UPS, ask_rule
from tallystick.api.schemas import (
    BalanceAnswer,
    CreditVoidOrder,
    DebitOrder,
    GiveBackOrder,
    GrantItem,
    PaidGrantOrder,
    TransactionItem,
    TransferOrder,
    wire_from_balance,
    wire_from_held,
    wire_from_transaction,
)
from tallystick.app.command import Caller
from tallystick.app.credits import (
    BurnCredit,
    GiveCreditBack,
    GrantCredit,
    TransferCredit,
    VoidCredit,
    burn_credit,
    give_credit_back,
    grant_credit,
    list_grants,
    list_transactions,
    read_balance,
    transfer_credit,
    void_credit,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.credits import (
    GrantDocument,
    GrantKey,
    GrantOrder,
    HoldingNames,
    MovementDocument,
    VoidDocument,
    wire_from_grant,
    wire_from_movement,
)
from tallystick.kernel import AccountKey

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)
At = Annotated[
    datetime | None,
    QueryParameter(name="at", description="As of this instant; without it, now."),
]


@get("/grants", opt=OWN, sync_to_thread=True, summary="List grants")
def grants(account: str, application: Application, caller: Caller) -> list[GrantItem]:
    """List what an account was given or bought, the oldest first."""
    outcome = list_grants(
        caller,
        AccountKey(account),
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return [wire_from_held(each) for each in value_of(outcome)]


@post("/grants", opt=BILLING, sync_to_thread=True, status_code=200, summary="Give credit")
def give(data: PaidGrantOrder, application: Application, caller: Caller) -> GrantDocument:
    """Give an account credit: promotional, or paid with money that was received."""
    fields = {name: getattr(data, name) for name in GrantOrder.__struct_fields__}
    outcome = grant_credit(
        GrantCredit(order=GrantOrder(**fields), cash=data.cash),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_grant(value_of(outcome))


@post(
    "/grants/{grant:str}/void",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Void a grant",
)
def void(
    grant: str, data: CreditVoidOrder, application: Application, caller: Caller
) -> VoidDocument:
    """End a grant now; what is left of it is gone, and earned if it was paid for."""
    outcome = void_credit(
        VoidCredit(grant=GrantKey(grant), reason=data.reason),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return value_of(outcome)


@get("/balance", opt=OWN, sync_to_thread=True, summary="Show a balance")
def balance(
    account: str, application: Application, caller: Caller, as_of: At = None
) -> BalanceAnswer:
    """Show what an account may use now, or might at an instant of the past."""
    outcome = read_balance(
        caller,
        AccountKey(account),
        at=utc_if_given("at", as_of),
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_balance(value_of(outcome))


@get("/transactions", opt=OWN, sync_to_thread=True, summary="List transactions")
def listed(
    account: str, application: Application, caller: Caller, as_of: At = None
) -> list[TransactionItem]:
    """List what came, went and lapsed of an account's credit, in order."""
    outcome = list_transactions(
        caller,
        AccountKey(account),
        at=utc_if_given("at", as_of),
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return [wire_from_transaction(each) for each in value_of(outcome)]


@post("/debits", opt=BILLING, sync_to_thread=True, status_code=200, summary="Use credit")
def debit(data: DebitOrder, application: Application, caller: Caller) -> MovementDocument:
    """Take credit for something that no document is written for; once for each key."""
    outcome = burn_credit(
        BurnCredit(
            account=AccountKey(data.account),
            key=data.key,
            amount=data.amount,
            holding=HoldingNames(currency=data.currency, unit=data.unit, exponent=data.exponent),
            price=data.price,
            at=utc_if_given("$.at", data.at),
            source=data.source,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    taken = wire_from_movement(value_of(outcome))
    ask_rule(data.account, application, caller)
    return taken


@post("/returns", opt=BILLING, sync_to_thread=True, status_code=200, summary="Give credit back")
def give_back(data: GiveBackOrder, application: Application, caller: Caller) -> MovementDocument:
    """Bring back some of what a debit took, in the reverse order."""
    outcome = give_credit_back(
        GiveCreditBack(
            account=AccountKey(data.account),
            key=data.key,
            of=data.of,
            amount=data.amount,
            price=data.price,
            source=data.source,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_movement(value_of(outcome))


@post("/transfers", opt=BILLING, sync_to_thread=True, status_code=200, summary="Transfer credit")
def transfer(data: TransferOrder, application: Application, caller: Caller) -> list[GrantDocument]:
    """Take credit of one account and give it to another, each part on its terms."""
    outcome = transfer_credit(
        TransferCredit(
            account=AccountKey(data.account),
            to=AccountKey(data.to),
            amount=data.amount,
            holding=HoldingNames(currency=data.currency, unit=data.unit, exponent=data.exponent),
            grant=data.grant,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    given = [wire_from_grant(each) for each in value_of(outcome)]
    ask_rule(data.account, application, caller)
    return given


credits_router = Router(
    path="/credits",
    route_handlers=[grants, give, void, balance, listed, debit, give_back, transfer, *TOP_UPS],
    tags=["credits"],
)
