"""What an account may use at an instant, and from which layer each part of it comes."""

from tallystick.entitlements.changes import FeatureChange, feature_changes
from tallystick.entitlements.layers import Layer, layers_at
from tallystick.entitlements.resolve import (
    Entitled,
    Granted,
    entitled_text,
    granted_text,
    resolve,
)
from tallystick.entitlements.wording import overage_text

__all__ = [
    "Entitled",
    "FeatureChange",
    "Granted",
    "Layer",
    "entitled_text",
    "feature_changes",
    "granted_text",
    "layers_at",
    "overage_text",
    "resolve",
]
