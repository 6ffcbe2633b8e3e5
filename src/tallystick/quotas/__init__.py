"""Limits, what stands against them, and the answer to "may I use so much more?"."""

from tallystick.quotas.bucket import Bucket
from tallystick.quotas.decide import decide, settled, use
from tallystick.quotas.decision import Reason, Verdict
from tallystick.quotas.lease import grantable
from tallystick.quotas.limit import ALWAYS, RATE_TIME, Denied, Limit
from tallystick.quotas.recent import SLICES, Recent
from tallystick.quotas.remaining import remaining
from tallystick.quotas.tally import Tally

__all__ = [
    "ALWAYS",
    "RATE_TIME",
    "SLICES",
    "Bucket",
    "Denied",
    "Limit",
    "Reason",
    "Recent",
    "Tally",
    "Verdict",
    "decide",
    "grantable",
    "remaining",
    "settled",
    "use",
]
