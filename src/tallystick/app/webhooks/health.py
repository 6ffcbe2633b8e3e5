"""
How a webhook is doing, and when it is disabled.

    answers                         healthy
    failed last, for an hour        failing
    failed alone for five days      disabled: called no more, until somebody enables it
    says 410 Gone                   disabled at once

as the Standard Webhooks specification advises.  What a disabled webhook would have been told is
given up at once, and stands to be replayed.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from tallystick.kernel import EXACT

RECENT_MAX = 100
DISABLED_AFTER = timedelta(days=5)
FAILURES_MIN = 5
PROBLEM_CHARS_MAX = 300
_TAKEN, _FAILED = "1", "0"


class WebhookState(StrEnum):
    """Whether calls are taken, failed lately, or are not made any more."""

    HEALTHY = "healthy"
    FAILING = "failing"
    DISABLED = "disabled"


class WebhookHealth(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the last calls came to; begin with ``WebhookHealth()``.

    Attributes:
        failing_since: the first failure behind the last success; None: the last call was taken.
        failures: how many calls failed in a row.
        recent: the last calls, at most `RECENT_MAX`, the latest last: ``1`` taken, ``0`` failed.
        problem: why the last failed call did.
    """

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    recent: str = ""
    problem: str = ""

    @property
    def success_share(self) -> Decimal | None:
        """
        Return how many of the recent calls were taken, from 0 to 1; None where there were none.

        Example:
            >>> WebhookHealth(recent="1101").success_share
            Decimal('0.75')
        """
        if not self.recent:
            return None
        return EXACT.divide(Decimal(self.recent.count(_TAKEN)), Decimal(len(self.recent)))

    def taken(self, at: datetime) -> "WebhookHealth":
        """Return what is known after a call that was taken."""
        return msgspec.structs.replace(
            self, last_success_at=at, failing_since=None, failures=0, recent=self._then(_TAKEN)
        )

    def failed(self, at: datetime, problem: str) -> "WebhookHealth":
        """Return what is known after a call that failed."""
        return msgspec.structs.replace(
            self,
            last_failure_at=at,
            failing_since=self.failing_since or at,
            failures=self.failures + 1,
            recent=self._then(_FAILED),
            problem=problem[:PROBLEM_CHARS_MAX],
        )

    def is_hopeless(self, at: datetime) -> bool:
        """Tell whether calls failed for so long, and so often, that no more are made."""
        since = self.failing_since
        return since is not None and at - since >= DISABLED_AFTER and self.failures >= FAILURES_MIN

    def _then(self, end: str) -> str:
        return (self.recent + end)[-RECENT_MAX:]
