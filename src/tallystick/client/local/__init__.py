"""Quotas decided in this process: leased, combined, and while the server is away."""

from tallystick.client.local.away import OpenGrants
from tallystick.client.local.documents import (
    FAIL_CLOSED,
    FAIL_OPEN,
    AccountEntitlements,
    Documents,
    EntitledFeature,
    Known,
)
from tallystick.client.local.keeping import Chore, Keeper
from tallystick.client.local.leased import LeasedQuota
from tallystick.client.local.local_quotas import LocalQuotas, LocalTimes

__all__ = [
    "FAIL_CLOSED",
    "FAIL_OPEN",
    "AccountEntitlements",
    "Chore",
    "Documents",
    "EntitledFeature",
    "Keeper",
    "Known",
    "LeasedQuota",
    "LocalQuotas",
    "LocalTimes",
    "OpenGrants",
]
