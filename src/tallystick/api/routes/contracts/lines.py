"""`/v1/subscriptions/{key}/lines`: lines that persons order for the next document."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.schemas import LineItem, LineOrder, wire_from_line
from tallystick.app.command import Caller
from tallystick.app.invoicing import (
    OrderLine,
    TakeLineBack,
    list_lines,
    order_line,
    take_line_back,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import SubscriptionKey

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)


@get("/", opt=OWN, sync_to_thread=True, summary="List ordered lines")
def lines(key: str, application: Application, caller: Caller) -> list[LineItem]:
    """List the lines that persons ordered, and on which documents they stand."""
    uow = application.units(caller.workspace)
    found = value_of(list_lines(SubscriptionKey(key), caller=caller, uow=uow))
    return [wire_from_line(one) for one in found]


@post("/", opt=BILLING, sync_to_thread=True, status_code=200, summary="Order a line")
def order(key: str, data: LineOrder, application: Application, caller: Caller) -> LineItem:
    """Put a charge or a credit on the next document that opens or closes a period."""
    outcome = order_line(
        OrderLine(
            subscription=SubscriptionKey(key),
            kind=data.kind,
            code=data.code,
            unit_price=data.unit_price,
            reason=data.reason,
            description=data.description,
            quantity=data.quantity,
            unit=data.unit,
            tax_category=data.tax_category,
            start=utc_if_given("$.start", data.start),
            end=utc_if_given("$.end", data.end),
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return wire_from_line(value_of(outcome))


@post(
    "/{line:str}/take-back",
    opt=BILLING,
    sync_to_thread=True,
    status_code=204,
    summary="Take an ordered line back",
)
def take_back(key: str, line: str, application: Application, caller: Caller) -> None:
    """Take a line back that no document has billed."""
    outcome = take_line_back(
        TakeLineBack(subscription=SubscriptionKey(key), id=line),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    value_of(outcome)


lines_router = Router(
    path="/subscriptions/{key:str}/lines",
    route_handlers=[lines, order, take_back],
    tags=["subscriptions"],
)
