"""
An event: one fact of usage, as the log keeps it.

Its identity is (workspace, source, id). Events are ordered by when the usage happened; at one
instant by the CloudEvents ``sequence``, then source, then id. The order of arrival (``position``)
never decides a quantity; it only says what was known.
"""

from datetime import datetime

import msgspec

RESERVED_TYPES = "tallystick."
"""How the types of rows begin that no sender may write; see `correction`."""
RESERVED_SOURCES = "tallystick:"
"""How their sources begin."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """
    One accepted event.

    Attributes:
        workspace: the isolation boundary.
        source: who sent it (CloudEvents ``source``).
        id: unique within workspace and source.
        type: CloudEvents ``type``; meters select by it.
        subject: key of the resource or account that used; empty for none.
        used_at: the instant of the usage, UTC, microseconds.
        received_at: the instant of receipt; never enters a quantity or a digest.
        sequence: CloudEvents ``sequence``; compared as text; empty for none.
        data: text of a JSON object; numbers in plain notation.
        position: 1-based place in the log.
    """

    workspace: str
    source: str
    id: str
    type: str
    subject: str
    used_at: datetime
    received_at: datetime
    sequence: str
    data: str
    position: int


def event_order(event: Event) -> tuple[datetime, str, str, str]:
    """
    Return the sort key of an event among those of its workspace; it is total.

    Source: the project's semantics, "order within one instant".
    """
    return (event.used_at, event.sequence, event.source, event.id)


def is_reserved(*, type: str, source: str) -> bool:
    """
    Tell whether an event bears a type or a source that is kept for corrections.

    Example:
        >>> is_reserved(type="tallystick.event.voided", source="me")
        True
    """
    return type.startswith(RESERVED_TYPES) or source.startswith(RESERVED_SOURCES)
