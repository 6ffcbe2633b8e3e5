"""Use cases of disputes: open, bring evidence, resolve with a credit, reopen, show."""

from tallystick.app.invoicing.disputing.open_dispute import OpenDispute, open_dispute
from tallystick.app.invoicing.disputing.ports import DisputeStore
from tallystick.app.invoicing.disputing.resolve_dispute import ResolveDispute, resolve_dispute
from tallystick.app.invoicing.disputing.show_disputes import (
    ShownDispute,
    list_disputes,
    show_dispute,
)
from tallystick.app.invoicing.disputing.take_step import TakeStep, take_step

__all__ = [
    "DisputeStore",
    "OpenDispute",
    "ResolveDispute",
    "ShownDispute",
    "TakeStep",
    "list_disputes",
    "open_dispute",
    "resolve_dispute",
    "show_dispute",
    "take_step",
]
