"""What accounts may use: read, granted by hand, and restricted."""

from tallystick.app.entitlements.account_entitlements import (
    account_entitlements,
    entitlements_of,
    load_account_facts,
    read_account_entitlements,
)
from tallystick.app.entitlements.feature_flags import FeatureFlags, read_feature_flags
from tallystick.app.entitlements.grant_entitlement import (
    GrantEntitlement,
    WithdrawGrant,
    grant_entitlement,
    withdraw_grant,
)
from tallystick.app.entitlements.ports import Ending, EntitlementStore, StandingStore
from tallystick.app.entitlements.restrict_account import (
    LiftRestriction,
    RestrictAccount,
    lift_restriction,
    restrict_account,
    restrict_within,
)
from tallystick.app.entitlements.standing import ChangedFeature, StandingChanged
from tallystick.entitlements import AccountEntitled

__all__ = [
    "AccountEntitled",
    "ChangedFeature",
    "Ending",
    "EntitlementStore",
    "FeatureFlags",
    "GrantEntitlement",
    "LiftRestriction",
    "RestrictAccount",
    "StandingChanged",
    "StandingStore",
    "WithdrawGrant",
    "account_entitlements",
    "entitlements_of",
    "grant_entitlement",
    "lift_restriction",
    "load_account_facts",
    "read_account_entitlements",
    "read_feature_flags",
    "restrict_account",
    "restrict_within",
    "withdraw_grant",
]
