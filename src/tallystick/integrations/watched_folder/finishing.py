"""One file, sent as a whole, and what is remembered of it; for files wherever they come from."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tallystick.client import RequestRefused
from tallystick.integrations.files import (
    Delivered,
    FileMapping,
    RowProblem,
    Send,
    UnreadableFile,
    deliver_file,
    event_file,
)
from tallystick.integrations.sources import FinishedItem

DONE, FAILED = "done", "failed"
OF_THE_BODY = frozenset({400, 413, 415, 422})


def send_file(path: Path, mapping: FileMapping | None, *, send: Send, name: str) -> Delivered:
    """
    Send a file; one that cannot be read (or not further) is told as a problem of its row 0.

    Raises:
        ServerUnreachable: sending the whole file again later is safe.
        RequestRefused: nothing may be sent with this key.
    """
    try:
        return deliver_file(event_file(path, mapping), send=send, name=name)
    except UnreadableFile as error:
        message = str(error)
    except RequestRefused as error:
        if error.answer.status not in OF_THE_BODY:
            raise
        message = str(error)
    problem = RowProblem(file=name, row=0, column="", message=message)
    return Delivered(unreadable=1, problems=[problem])


def finished_item(
    name: str,
    version: str,
    delivered: Delivered,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FinishedItem:
    """Return what is remembered of a file that was sent."""
    return FinishedItem(
        name=name,
        version=version,
        status=DONE if delivered.complete else FAILED,
        events=delivered.report.accepted + delivered.report.duplicate,
        not_counted=delivered.not_counted,
        problem=str(delivered.problems[0])[:1000] if delivered.problems else "",
        finished_at=now(),
    )
