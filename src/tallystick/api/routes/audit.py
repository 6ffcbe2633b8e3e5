"""`/v1/audit`: verify the chain."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.problems import CONFLICT, HttpProblem
from tallystick.api.schemas import AuditAnswer, audit_from_report
from tallystick.app.audit import ChainHead, verify_audit
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application


@get(
    "/audit/verify",
    opt=needs(Scope.READ),
    tags=["audit"],
    sync_to_thread=True,
    summary="Verify the audit chain",
)
def audit(
    application: Application,
    caller: Caller,
    sequence: Annotated[
        int | None, Parameter(ge=0, description="Number of a head noted before.")
    ] = None,
    digest: Annotated[str | None, Parameter(description="Digest of that head.")] = None,
) -> AuditAnswer:
    """Recompute the chain from its first record; 409 names the first record that does not hold."""
    if (sequence is None) != (digest is None):
        raise HttpProblem(422, "invalid", "Give sequence and digest together, or neither.")
    noted = None
    if sequence is not None and digest is not None:
        noted = ChainHead(sequence=sequence, digest=digest)
    outcome = verify_audit(application.units(caller.workspace), noted=noted)
    return audit_from_report(value_of(outcome, otherwise=CONFLICT))
