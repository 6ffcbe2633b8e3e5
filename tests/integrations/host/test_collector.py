"""The collector's round, with a server that comes and goes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tallystick.client import EventAnswer, SendReport, ServerUnreachable, Spool
from tallystick.integrations.host import Collector, HostSampler


class _Line:
    """A way to a server that can be cut; keeps the ids that arrived."""

    def __init__(self) -> None:
        self.up = True
        self.arrived: list[object] = []

    def deliver(self, events: Sequence[Mapping[str, object]], /) -> SendReport:
        if not self.up:
            msg = "no route"
            raise ServerUnreachable(msg)
        self.arrived.extend(event["id"] for event in events)
        return SendReport(accepted=len(events))


def _collector(directory: Path, line: _Line) -> Collector:
    sampler = HostSampler(
        state=directory / "traffic.json", disk_path="/", now=lambda: datetime.now(UTC)
    )
    spool = Spool(directory=directory / "spool", segment_bytes=1)
    return Collector(sampler=sampler, source="host/box", spool=spool, deliver=line.deliver)


def test_readings_arrive_in_order_once_the_server_is_back(tmp_path: Path) -> None:
    """Nothing taken during an outage is lost, and nothing overtakes it, also over a restart."""
    line = _Line()
    collector = _collector(tmp_path, line)
    assert collector.collect().counted == 4
    line.up = False
    for _ in range(6):
        outage = collector.collect()
        assert outage.waiting
        assert "no route" in outage.problem
    line.up = True
    restarted = _collector(tmp_path, line)
    rounds = [restarted.collect() for _ in range(4)]
    assert not rounds[-1].waiting
    numbers = [int(str(each).split(":")[1]) for each in line.arrived]
    assert numbers == sorted(numbers)
    assert len(set(line.arrived)) == len(line.arrived) == 4 * (1 + 6 + 4)


def test_what_the_server_does_not_count_is_told(tmp_path: Path) -> None:
    """An event refused by the server (a clock that runs ahead) shows in the progress."""

    def refuse(events: Sequence[Mapping[str, object]], /) -> SendReport:
        answer = EventAnswer(index=0, status="rejected", code="future", message="clock is ahead")
        return SendReport(rejected=len(events), not_counted=(answer,))

    collector = _collector(tmp_path, _Line())
    collector.deliver = refuse
    assert collector.collect().problem == "future: clock is ahead"
