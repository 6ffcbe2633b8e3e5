"""What an account may use at an instant, and from which layer each part of it comes."""

from tallystick.entitlements.changes import FeatureChange, feature_changes
from tallystick.entitlements.layers import Layer, layers_at
from tallystick.entitlements.resolve import Entitled, Granted, entitled_text, resolve

__all__ = [
    "Entitled",
    "FeatureChange",
    "Granted",
    "Layer",
    "entitled_text",
    "feature_changes",
    "layers_at",
    "resolve",
]
