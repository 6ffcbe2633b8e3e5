"""Small builders of events, submissions and logs for the tests of the gate and the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tallystick.app.ingest import Parsed, Scope, append_submissions, parse_body
from tallystick.storage.log import IdentityIndex, SegmentLog, event_at, events_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tallystick.app.ingest import IngestReport
    from tallystick.metering import Event

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
JSON = "application/json"


def scope(*, workspace: str = "live", received_at: datetime = NOW) -> Scope:
    """Return a scope that takes a century back and an hour ahead."""
    return Scope(
        workspace=workspace,
        received_at=received_at,
        earliest=received_at - timedelta(days=36_525),
        latest=received_at + timedelta(hours=1),
        seed=11,
    )


def event(event_id: str, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return an event with defaults; an attribute of None is left out."""
    whole = {
        "specversion": "1.0",
        "id": event_id,
        "source": "test",
        "type": "api.request",
        "subject": "acme",
        "time": "2026-06-15T11:00:00Z",
        "data": {"value": 1},
    } | attributes
    return {name: value for name, value in whole.items() if value is not None}


def parsed(*events: dict[str, Any], received_at: datetime = NOW) -> list[Parsed]:
    """Return a JSON batch as the gate parses it."""
    body = json.dumps(list(events)).encode()
    return parse_body(body, scope(received_at=received_at), content_type=JSON, headers={})


class LogUnderTest:
    """A log with its identities in a directory; `reopen` is what a restart does."""

    def __init__(self, directory: Path, *, segment_events_max: int = 1000) -> None:
        self.directory = directory
        self._segment_events_max = segment_events_max
        self._open()

    def append(self, *submissions: list[Parsed]) -> list[IngestReport]:
        """Append submissions as one group."""
        return append_submissions(
            submissions, log=self.log, identities=self.identities, stored=self
        )

    def event_at(self, position: int) -> Event | None:
        """Return the event at a position."""
        return event_at(self.segments, position)

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the events at positions."""
        return events_at(self.segments, positions)

    @property
    def segments(self) -> Path:
        """Where the segments are."""
        return self.directory / "segments"

    def reopen(self) -> None:
        """Close and open again."""
        self.close()
        self._open()

    def close(self) -> None:
        """Let go of the files."""
        self.log.close()
        self.identities.close()

    def _open(self) -> None:
        self.log = SegmentLog(self.segments, segment_events_max=self._segment_events_max)
        self.identities = IdentityIndex(self.segments, directory=self.directory / "identities")
        self.log.when_sealed(self.identities.seal)
