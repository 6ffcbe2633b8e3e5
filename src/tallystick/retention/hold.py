"""
Legal holds: what must not be removed, whatever the rules say, until it is released.

A hold covers what lies in all of its bounds at once: an account, an event type, a time of use. One
without bounds holds everything. A hold keeps; it does not open a time that is closed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import AccountKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """
    An order to keep.

    Attributes:
        id: given when it was placed.
        reason: why, as a case number.
        account: whose usage; None: anybody's.
        event_type: events of this type; None: of any.
        start: used at or after; None: without bound.
        end: used before; None: without bound.
        placed_at, placed_by: when, and by whom.
        released_at, released_by, release_reason: None and empty while it stands.
    """

    id: str
    reason: str
    account: AccountKey | None = None
    event_type: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    placed_at: datetime
    placed_by: str
    released_at: datetime | None = None
    released_by: str = ""
    release_reason: str = ""

    @property
    def stands(self) -> bool:
        """Return whether it was not released."""
        return self.released_at is None


def held_by(
    hold: LegalHold, *, event_type: str, accounts: Collection[AccountKey], used_at: datetime
) -> bool:
    """
    Tell whether a hold that stands covers an event.

    Args:
        hold: the order.
        event_type: of the event.
        accounts: all whose usage the event is or ever was; none while nobody knows.
        used_at: the instant of its use.

    Example:
        >>> from datetime import UTC
        >>> new_year = datetime(2026, 1, 1, tzinfo=UTC)
        >>> hold = LegalHold(id="h", reason="case 7", start=new_year, placed_at=new_year,
        ...                  placed_by="me")
        >>> held_by(hold, event_type="call", accounts=(), used_at=new_year)
        True
    """
    return (
        hold.stands
        and hold.account in {None, *accounts}
        and hold.event_type in {None, event_type}
        and (hold.start is None or used_at >= hold.start)
        and (hold.end is None or used_at < hold.end)
    )
