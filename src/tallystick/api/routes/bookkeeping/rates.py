"""`/v1/rates`: published exchange rates, and the one of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.problems import FieldProblem, HttpProblem
from tallystick.api.routes.bookkeeping.units import unit_named
from tallystick.api.schemas.rates import (
    ConversionAnswer,
    RatesAnswer,
    RatesImportedAnswer,
    RatesOrder,
    import_from_wire,
    wire_from_imported,
    wire_from_published,
    wire_from_rate,
)
from tallystick.app.command import Caller
from tallystick.app.currency import RateQuestion, import_rates, list_rates, read_rate
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.currency import RateRule
from tallystick.kernel import Misuse

READ, BILLING, TAGS = needs(Scope.READ), needs(Scope.BILLING), ["rates"]
Source = Annotated[str, Parameter(description="Who published them, as ecb.")]


@post("/", opt=BILLING, tags=TAGS, sync_to_thread=True, status_code=200, summary="Import rates")
def add_rates(data: RatesOrder, application: Application, caller: Caller) -> RatesImportedAnswer:
    """
    Add published rates of one source, at most 20,000 at once.

    What stands is never changed: a rate that was given before is `unchanged`, one that stands with
    another value is a conflict, told and not stored.
    """
    try:
        command = import_from_wire(data)
    except Misuse as error:
        problem = FieldProblem(code="invalid", message=str(error), path="$.rates")
        raise HttpProblem(422, "invalid", str(error), errors=[problem]) from error
    uow, clock = application.units(caller.workspace), application.clock
    return wire_from_imported(value_of(import_rates(command, caller=caller, uow=uow, clock=clock)))


@get("/", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show the rates of a day")
def rates(
    application: Application,
    caller: Caller,
    source: Source = "ecb",
    on: Annotated[date | None, Parameter(description="Its last day up to then.")] = None,
) -> RatesAnswer:
    """Show a source's rates of its last day, or of its last day up to one."""
    uow = application.units(caller.workspace)
    found = value_of(list_rates(caller, source=source, on=on, uow=uow))
    return RatesAnswer(source=source, rates=tuple(wire_from_published(each) for each in found))


@get("/conversion", opt=READ, tags=TAGS, sync_to_thread=True, summary="Show the rate of a day")
def conversion(  # noqa: PLR0913 - each parameter of the question is one of the function
    application: Application,
    caller: Caller,
    *,
    base: Annotated[str, Parameter(description="What is converted, as USD.")],
    quote: Annotated[str, Parameter(description="Into what, as EUR.")],
    on: Annotated[date, Parameter(description="The day, as 2026-01-31.")],
    source: Source = "ecb",
    age_days_max: Annotated[int, Parameter(ge=0, le=366, description="How old it may be.")] = 7,
    digits: Annotated[int, Parameter(ge=6, le=38, description="Significant digits.")] = 12,
) -> ConversionAnswer:
    """
    Show the rate that converts a charge of a day.

    It is the last one published on or before the day, at most `age_days_max` days earlier; a pair
    that is quoted the other way round or through a common base is rounded to `digits` significant
    digits. Where there is none, that is an error: never 1, and nothing is interpolated.
    """
    question = RateQuestion(
        base=unit_named("base", base),
        quote=unit_named("quote", quote),
        on=on,
        rule=RateRule(source=source, age_days_max=age_days_max, digits=digits),
    )
    uow = application.units(caller.workspace)
    return wire_from_rate(value_of(read_rate(caller, question, uow=uow)))


rates_router = Router(path="/rates", route_handlers=[add_rates, rates, conversion])
