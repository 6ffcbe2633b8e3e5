"""What an account may use at an instant, and from which layer each part of it comes."""

from tallystick.entitlements.account import (
    AccountEntitled,
    AccountFacts,
    Standing,
    entitled_at,
    next_change,
)
from tallystick.entitlements.changes import FeatureChange, entitled_changes, feature_changes
from tallystick.entitlements.grants import ManualGrant
from tallystick.entitlements.layers import Layer, layers_at
from tallystick.entitlements.resolve import (
    Entitled,
    Granted,
    entitled_text,
    granted_text,
    resolve,
)
from tallystick.entitlements.restrictions import Restriction, RestrictionSource, restricted
from tallystick.entitlements.windows import billing_window, calendar_window
from tallystick.entitlements.wording import overage_text

__all__ = [
    "AccountEntitled",
    "AccountFacts",
    "Entitled",
    "FeatureChange",
    "Granted",
    "Layer",
    "ManualGrant",
    "Restriction",
    "RestrictionSource",
    "Standing",
    "billing_window",
    "calendar_window",
    "entitled_at",
    "entitled_changes",
    "entitled_text",
    "feature_changes",
    "granted_text",
    "layers_at",
    "next_change",
    "overage_text",
    "resolve",
    "restricted",
]
