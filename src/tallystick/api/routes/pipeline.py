"""`/v1/pipeline`: how events are doing on their way from senders to questions."""

from __future__ import annotations

from litestar import get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import PipelineRead, wire_from_pipeline
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.pipeline import pipeline_health
from tallystick.bootstrap.engines import Application


@get(
    "/pipeline",
    opt=needs(Scope.READ),
    tags=["operation"],
    sync_to_thread=True,
    summary="Look at the pipeline",
)
def pipeline(application: Application, caller: Caller) -> PipelineRead:
    """Tell lag, queue, outcomes, dead letters, unattributed events, senders, silence and holes."""
    uow = application.units(caller.workspace)
    health = pipeline_health(caller, uow=uow, sources=application.pipeline_sources)
    return wire_from_pipeline(value_of(health))
