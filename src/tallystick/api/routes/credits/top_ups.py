"""`/v1/credits/top-up-rules` and `/v1/credits/top-ups`: credit that is sold, once or by a rule."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.command import Caller
from tallystick.app.invoicing import (
    SetTopUpRule,
    ToppedUp,
    TopUpCredit,
    TopUpDue,
    TopUpReport,
    TopUpState,
    read_top_up_rule,
    set_top_up_rule,
    top_up_credit,
    top_up_due,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.credits import GrantOrder, TopUpDocument
from tallystick.kernel import AccountKey

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)
Account = Annotated[str, QueryParameter(description="Whose rules are asked; all without it.")]


@post("/top-ups", opt=BILLING, sync_to_thread=True, status_code=200, summary="Sell credit")
def top_up(data: GrantOrder, application: Application, caller: Caller) -> ToppedUp:
    """Issue an invoice over credit, and give it; `kind` is paid."""
    outcome = top_up_credit(
        TopUpCredit(order=data),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return value_of(outcome)


@post("/top-ups/due", opt=BILLING, sync_to_thread=True, status_code=200, summary="Ask the rules")
def due(application: Application, caller: Caller, account: Account = "") -> TopUpReport:
    """Buy what rules say now: once for each time that a balance falls below its threshold."""
    outcome = top_up_due(
        TopUpDue(account=AccountKey(account) if account else None),
        caller=caller,
        units=application.units,
        sources=application.billing_sources,
    )
    return value_of(outcome)


def ask_rule(account: str, application: Application, caller: Caller) -> None:
    """Ask the rule of an account whose credit was used; what it cannot do is tried again later."""
    top_up_due(
        TopUpDue(account=AccountKey(account)),
        caller=caller,
        units=application.units,
        sources=application.billing_sources,
    )


@get("/top-up-rules/{account:str}", opt=OWN, sync_to_thread=True, summary="Show a top-up rule")
def shown(account: str, application: Application, caller: Caller) -> TopUpState:
    """Return the rule of an account, and what rules did so far."""
    uow = application.units(caller.workspace)
    return value_of(read_top_up_rule(caller, AccountKey(account), uow=uow))


@post(
    "/top-up-rules/{account:str}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Set a top-up rule",
)
def ruled(
    account: str, data: TopUpDocument, application: Application, caller: Caller
) -> TopUpState:
    """Buy credit by itself as less than `threshold` may be used; the rule before counts no more."""
    return _set(SetTopUpRule(account=AccountKey(account), rule=data), application, caller)


@delete(
    "/top-up-rules/{account:str}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="End a top-up rule",
)
def ended(account: str, application: Application, caller: Caller) -> TopUpState:
    """Buy no more credit by itself."""
    return _set(SetTopUpRule(account=AccountKey(account), rule=None), application, caller)


def _set(command: SetTopUpRule, application: Application, caller: Caller) -> TopUpState:
    uow = application.units(caller.workspace)
    return value_of(set_top_up_rule(command, caller=caller, uow=uow, clock=application.clock))


TOP_UPS = (top_up, due, shown, ruled, ended)
