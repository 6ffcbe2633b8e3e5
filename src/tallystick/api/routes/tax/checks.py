"""`/v1/tax`: checks of tax numbers, and rules from an engine outside."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import (
    TaxIdAnswer,
    TaxIdOrder,
    TaxRulesAnswer,
    TaxRulesOrder,
    check_from_wire,
    wire_from_answer,
    wire_from_check,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.tax import AskTaxEngine, ask_tax_engine, check_tax_id, show_tax_id
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey

TAGS = ["tax"]


@post(
    "/checks",
    opt=needs(Scope.BILLING),
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Check a tax number",
)
def check(data: TaxIdOrder, application: Application, caller: Caller) -> TaxIdAnswer:
    """
    Ask the register for an account's number and keep the answer, which documents go by.

    A register that cannot be asked is an answer too: `unavailable`.
    """
    outcome = check_tax_id(
        check_from_wire(data),
        caller=caller,
        uow=application.units(caller.workspace),
        register=application.tax_register,
        clock=application.clock,
    )
    return wire_from_check(data.account, value_of(outcome))


@get(
    "/checks/{account:str}",
    opt=needs(Scope.READ),
    tags=TAGS,
    sync_to_thread=True,
    summary="Show what is known of a tax number",
)
def checked(account: str, application: Application, caller: Caller) -> TaxIdAnswer:
    """Show the last answer about an account's number; else the last failure to get one."""
    uow = application.units(caller.workspace)
    return wire_from_check(account, value_of(show_tax_id(caller, AccountKey(account), uow=uow)))


@post(
    "/rules",
    opt=needs(Scope.BILLING),
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Ask a tax engine for rules",
)
def rules(data: TaxRulesOrder, application: Application, caller: Caller) -> TaxRulesAnswer:
    """
    Ask the engine outside which rules hold for a payer, and keep them for its documents.

    For legal entities with `tax_engine`. Where the engine cannot be asked, the answer before stays.
    """
    outcome = ask_tax_engine(
        AskTaxEngine(legal_entity=data.legal_entity, account=data.account),
        caller=caller,
        uow=application.units(caller.workspace),
        engine=application.tax_engine,
        clock=application.clock,
    )
    return wire_from_answer(data, value_of(outcome))


tax_router = Router(path="/tax", route_handlers=[check, checked, rules])
