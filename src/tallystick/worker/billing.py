"""
Bills what is due, by asking the owner.

The embedded ClickHouse lives in the owner process, so the run itself does too; the worker decides
when. Each run has an idempotency key made of its minute, so two workers do not start it twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from tallystick.client import Client, Endpoint, RequestRefused
from tallystick.kernel import derived_id, instant_text
from tallystick.worker.repeat import Say

RUN_SECONDS_MAX = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBilling:
    """
    Asks for a billing run.

    Attributes:
        endpoint: finds the owner; asked for each run, since its token changes with each start.
        now: the clock.
        say: tells what a run issued.
    """

    endpoint: Callable[[], Endpoint]
    now: Callable[[], datetime]
    say: Say

    def run(self) -> bool:
        """Bill everything that is due now; there is never more at once."""
        minute = instant_text(self.now().replace(second=0, microsecond=0))
        key = derived_id("run", minute)
        with Client(self.endpoint(), timeout_seconds=RUN_SECONDS_MAX) as client:
            try:
                answer = client.post("/v1/invoices/run", {}, idempotency_key=key)
            except RequestRefused as error:
                self.say("billing refused", {"why": str(error)})
                return False
        report = cast(dict[str, object], answer)
        if report.get("issued") or report.get("parked"):
            self.say("billed", report)
        return False
