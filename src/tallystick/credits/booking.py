"""What the journal says of a paid grant: sold, used, lapsed; each by an entry."""

from dataclasses import dataclass
from enum import StrEnum

from tallystick.credits.grant import GrantKey
from tallystick.kernel import EntryId


class BookingKind(StrEnum):
    """What the journal says of a paid grant."""

    SOLD = "sold"
    USED = "used"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """That an entry moved what is owed for a grant, in minor units of what was paid for it."""

    grant: GrantKey
    entry: EntryId
    kind: BookingKind
    minor: int
