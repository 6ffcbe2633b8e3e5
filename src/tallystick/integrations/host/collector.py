"""
The loop that takes a reading each period and sees that it arrives.

Readings are due on a fixed grid of time since boot. After sleep, or after a stall, one reading is
taken at once and the grid goes on from there: what was missed cannot be read later, and counters
lose nothing by it. A reading that cannot be sent goes to the spool; while the spool holds anything,
new readings queue behind it, so that they arrive in order.

Events are numbered (`client.Numbers`), and from time to time the server is asked whether it lacks
any: what the spool still holds of them is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tallystick.client import Numbers, RequestRefused, SendReport, ServerUnreachable, Spool
from tallystick.integrations.host.reading import reading_events
from tallystick.integrations.host.sampler import HostSampler

SEGMENTS_PER_ROUND = 4


class Delivery(Protocol):
    """Sends events and returns when the server has answered for them; raises as `Client` does."""

    def __call__(self, events: Sequence[Mapping[str, object]], /) -> SendReport: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    What one round did.

    Attributes:
        counted: events that the server has on disk, whether new or known already.
        waiting: whether events wait in the spool.
        problem: what went wrong, empty if nothing did.
    """

    counted: int
    waiting: bool
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class Collector:
    """Takes, numbers, sends and spools readings; `source` names this computer."""

    sampler: HostSampler
    source: str
    spool: Spool
    deliver: Delivery
    numbers: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = Numbers(spool=self.spool)

    def collect(self) -> Progress:
        """Take one reading and send it, or keep it for later."""
        read = reading_events(self.sampler.reading(), source=self.source)
        events = self.numbers.numbered(read)
        if not self.spool.is_empty():
            self.spool.append(events)
            return self._replayed()
        try:
            report = self.deliver(events)
        except (ServerUnreachable, RequestRefused) as error:
            self.spool.append(events)
            return Progress(counted=0, waiting=True, problem=str(error))
        self.spool.keep(events)
        return _progress([report], waiting=False)

    def _replayed(self) -> Progress:
        reports: list[SendReport] = []

        def send(events: Sequence[Mapping[str, object]]) -> None:
            reports.append(self.deliver(events))

        try:
            self.spool.replay(send, segments_max=SEGMENTS_PER_ROUND)
        except (ServerUnreachable, RequestRefused) as error:
            return Progress(counted=0, waiting=True, problem=str(error))
        return _progress(reports, waiting=not self.spool.is_empty())


def next_due(now: int, *, period: int) -> int:
    """
    Return the next point of the grid behind `now`; points missed meanwhile are left out.

    Example:
        >>> next_due(999, period=1000), next_due(1000, period=1000), next_due(57_300, period=1000)
        (1000, 2000, 58000)
    """
    return (now // period + 1) * period


def _progress(reports: Sequence[SendReport], *, waiting: bool) -> Progress:
    refused = [each for report in reports for each in report.not_counted]
    return Progress(
        counted=sum(report.accepted + report.duplicate for report in reports),
        waiting=waiting,
        problem=f"{refused[0].code}: {refused[0].message}" if refused else "",
    )
