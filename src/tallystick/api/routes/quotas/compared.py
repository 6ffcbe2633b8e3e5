"""`POST /v1/quota/compare`: what is enforced beside what is granted, and what was used."""

from __future__ import annotations

import msgspec
from litestar import post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.quotas import ComparedQuotas, CompareQuotas, compare_quotas
from tallystick.bootstrap.engines import Application


class CompareOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether what differs is mended."""

    repair: bool = False


@post(
    "/quota/compare",
    opt=needs(Scope.ADMIN),
    sync_to_thread=True,
    status_code=200,
    summary="Compare limits and counters",
)
def compare(data: CompareOrder, application: Application, caller: Caller) -> ComparedQuotas:
    """Compare each limit that is enforced with what is granted, each counter with its rebuild."""
    outcome = compare_quotas(
        CompareQuotas(repair=data.repair),
        caller=caller,
        units=application.units,
        desks=application.quotas.desks,
        clock=application.clock,
    )
    return value_of(outcome)
