"""`/v1/plans/{key}/quota-policy` and the schema of quota policies."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.catalog import read_quota_policy
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import policy_schema
from tallystick.integrations.catalog_files import policy_text
from tallystick.kernel import PlanKey

Version = Annotated[
    int | None,
    QueryParameter(name="version", ge=1, description="Which version; the newest, unless given."),
]
# Numbers go out as they are written: 299.00, never through a binary float.
_encoder = msgspec.json.Encoder(decimal_format="number")


class QuotaPolicyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plan version as a quota policy.

    `policy` is as `GET /v1/schemas/quota-policy` describes it, `text` the same as YAML, which can
    be applied. `untold` names what the plan holds and a policy cannot say.
    """

    plan: str
    version: int
    policy: dict[str, Any]
    untold: tuple[str, ...]
    text: str


@get(
    "/plans/{key:str}/quota-policy",
    opt=needs(Scope.READ),
    sync_to_thread=True,
    summary="Export a quota policy",
)
def quota_policy(
    key: str, application: Application, caller: Caller, number: Version = None
) -> Response[QuotaPolicyAnswer]:
    """Give a plan version as a quota policy: limits, overage, prices."""
    outcome = read_quota_policy(
        PlanKey(key), caller=caller, uow=application.units(caller.workspace), version=number
    )
    version, told = value_of(outcome)
    answer = QuotaPolicyAnswer(
        plan=key,
        version=version,
        policy=dict(told.document),
        untold=told.untold,
        text=policy_text(told.document),
    )
    content: Any = _encoder.encode(answer)
    return Response(content, media_type="application/json")


@get(
    "/schemas/quota-policy",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=False,
    summary="The schema of quota policies",
)
def quota_policy_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of quota policies."""
    return dict(policy_schema())


policies_router = Router(
    path="/", route_handlers=[quota_policy, quota_policy_schema], tags=["entitlements"]
)
