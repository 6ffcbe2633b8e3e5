"""`/v1/price-series`: prices that are published over time, and corrections of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.schemas.catalog import (
    PricesAnswer,
    PricesOrder,
    PricesPublishedAnswer,
    document_of_price,
    wire_from_fact,
)
from tallystick.app.catalog import PublishPrices, list_prices, publish_prices
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import prices_from_documents

READ, BILLING, TAGS = needs(Scope.READ), needs(Scope.BILLING), ["catalog"]
Key = Annotated[str, Parameter(description="The series' key, as spot-eu.")]
SHOWN_MAX = 1000
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@post(
    "/{series:str}/prices",
    opt=BILLING,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Publish prices",
)
def publish(
    series: Key, data: PricesOrder, application: Application, caller: Caller
) -> PricesPublishedAnswer:
    """
    Publish prices of a series in order of time, at most 20,000 at once, all or none.

    What stands is never changed, and may be told again. A price for a time before the last one is
    refused unless it says with `corrects` why: then closed periods are corrected by difference.
    """
    facts = value_of(prices_from_documents([document_of_price(one) for one in data.prices]))
    command = PublishPrices(series=series, prices=facts)
    uow = application.units(caller.workspace)
    done = value_of(publish_prices(command, caller=caller, uow=uow, clock=application.clock))
    return PricesPublishedAnswer(series=done.series, added=done.added, unchanged=done.unchanged)


@get("/{series:str}/prices", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show prices")
def prices(
    series: Key,
    application: Application,
    caller: Caller,
    *,
    since: Annotated[datetime | None, Parameter(description="From this instant on.")] = None,
) -> PricesAnswer:
    """Show the first 1,000 published prices about an instant and later, in order of time."""
    uow = application.units(caller.workspace)
    first = utc_if_given("since", since) or ALWAYS
    found = value_of(list_prices(caller, series, since=first, uow=uow, limit=SHOWN_MAX))
    return PricesAnswer(series=series, prices=tuple(wire_from_fact(fact) for fact in found))


price_series_router = Router(path="/price-series", route_handlers=[publish, prices])
