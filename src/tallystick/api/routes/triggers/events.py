"""CloudEvents that start something: read from a request, carried out one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tallystick.api.problems import HttpProblem
from tallystick.api.routes.triggers.wire import TriggerResult, rejected, result_of
from tallystick.api.strict_request import NUL, no_nul
from tallystick.app.command import Caller
from tallystick.app.ingest import UnknownMediaType
from tallystick.app.triggers import (
    Doors,
    SentTrigger,
    StartTrigger,
    TriggerTaken,
    read_triggers,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import Misuse, Outcome, Refused


def read_sent(
    body: bytes, headers: Mapping[str, str], *, application: Application, caller: Caller
) -> Sequence[SentTrigger]:
    """
    Return the events of a request.

    Raises:
        HttpProblem: 415 where the content type carries no events, 400 where they cannot be read.
    """
    if NUL.search(body):
        raise no_nul("$")
    try:
        return read_triggers(
            body,
            workspace=caller.workspace,
            content_type=headers.get("content-type", ""),
            headers=headers,
            now=application.clock.now(),
        )
    except UnknownMediaType as error:
        raise HttpProblem(415, "unsupported_media_type", str(error)) from error
    except Misuse as error:
        raise HttpProblem(400, "malformed", str(error)) from error


def results_of(
    sent: Iterable[SentTrigger], carry_out: Callable[[StartTrigger], Outcome[TriggerTaken]]
) -> list[TriggerResult]:
    """Carry out events in their order, and return what came of each."""
    return [
        rejected(one.source, one.id, one.command)
        if isinstance(one.command, Refused)
        else result_of(one.source, one.id, carry_out(one.command.value))
        for one in sent
    ]


def doors_of(application: Application) -> Doors:
    """Return what workflows go through."""
    return Doors(
        units=application.units,
        billing=application.billing_sources,
        desks=application.quotas.desks,
    )
