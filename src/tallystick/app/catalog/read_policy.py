"""Reads a plan version as a quota policy."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import ToldPlan, policy_of_plan
from tallystick.kernel import Done, Outcome, PlanKey, Refused, refuse


def read_quota_policy(
    plan: PlanKey, *, caller: Caller, uow: UnitOfWork, version: int | None = None
) -> Outcome[tuple[int, ToldPlan]]:
    """
    Return a plan version, the newest unless one is named, and it as a quota policy.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: there is no such plan, or version of it.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        known = uow.catalog.load_definitions()
    versions = {one.version: one for one in known.plan_versions.values() if one.plan == plan}
    found = versions.get(max(versions, default=0) if version is None else version)
    if found is None:
        named = f"plan {plan}" if version is None else f"version {version} of plan {plan}"
        return refuse("not_found", f"there is no {named}", "version" if version else "key")
    return Done((found.version, policy_of_plan(found, known.features, known.meters)))
