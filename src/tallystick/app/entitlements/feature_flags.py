"""Reads what plans grant, and one account, for systems that switch features on and off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.command import Caller, missing_scope
from tallystick.app.entitlements.account_entitlements import load_account_facts
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Feature, PlanVersion
from tallystick.entitlements import Entitled, Layer, entitled_at, next_change, resolve
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFlags:
    """
    What plans grant by themselves, and what an account may use.

    Attributes:
        features: all of the workspace, by key.
        plans: each version with what it grants, in the order of keys and versions; none for a
            caller who is bound to an account.
        account: whose flags ``granted`` are; None: nobody's.
        granted: what the account may use now.
        valid_until: the next instant at which anything known changes that.
    """

    features: Mapping[str, Feature]
    plans: tuple[tuple[PlanVersion, tuple[Entitled, ...]], ...]
    account: AccountKey | None = None
    granted: tuple[Entitled, ...] = ()
    valid_until: datetime | None = None


def read_feature_flags(
    account: AccountKey | None, *, at: datetime, caller: Caller, uow: UnitOfWork
) -> Outcome[FeatureFlags]:
    """
    Return all features, what each plan version grants, and what an account may use at an instant.

    Who is bound to an account gets that account's alone.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such account, or not the caller's.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    wanted = account or caller.account
    if caller.account not in (None, wanted):
        return refuse("not_found", f"no account {wanted!r}", "account")
    with uow:
        features = uow.standings.load_features()
        plans = uow.standings.load_granting() if caller.account is None else ()
        facts = None if wanted is None else load_account_facts(wanted, at=at, uow=uow)
    told = tuple((plan, _alone(plan, features)) for plan in plans)
    if wanted is None:
        return Done(FeatureFlags(features=features, plans=told))
    if facts is None:
        return refuse("not_found", f"no account {wanted!r}", "account")
    found = entitled_at(facts, at)
    changes = [one.valid_until for one in found if one.valid_until is not None]
    after = next_change(facts, at)
    return Done(
        FeatureFlags(
            features=features,
            plans=told,
            account=wanted,
            granted=tuple(one.entitled for one in found),
            valid_until=min([*changes, *([] if after is None else [after])], default=None),
        )
    )


def _alone(plan: PlanVersion, features: Mapping[str, Feature]) -> tuple[Entitled, ...]:
    name = f"plan {plan.plan}@{plan.version}"
    return resolve(features, [Layer(name=name, grants=plan.entitlements)])
