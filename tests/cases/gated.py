"""Rows about what is sent: put through the gate's own steps into a log."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tallystick.app.ingest import IngestReport
from tallystick.metering import Event
from tests.ingest.batches import LogUnderTest, parsed


def submit(submissions: list[list[dict[str, object]]]) -> tuple[list[IngestReport], list[Event]]:
    """Send submissions through the gate's own steps; return its answers and what the log holds."""
    with TemporaryDirectory() as directory:
        log = LogUnderTest(Path(directory))
        reports = [log.append(parsed(*events))[0] for events in submissions]
        held = sum(report.accepted for report in reports)
        events = [log.event_at(position) for position in range(1, held + 1)]
        log.log.close()
    return reports, [one for one in events if one is not None]
