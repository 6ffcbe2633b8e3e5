"""Events that were accepted and count nothing yet: unattributed and unmeterable ones."""

from tallystick.app.uncounted.list_uncounted import (
    GROUPS_MAX,
    ListUncounted,
    UncountedAnswer,
    UncountedGroup,
    UncountedSources,
    list_unattributed,
    list_unmeterable,
)
from tallystick.app.uncounted.ports import (
    SAMPLES_MAX,
    EventGroup,
    Owned,
    Uncounted,
    UncountedQuery,
    UncountedReader,
)

__all__ = [
    "GROUPS_MAX",
    "SAMPLES_MAX",
    "EventGroup",
    "ListUncounted",
    "Owned",
    "Uncounted",
    "UncountedAnswer",
    "UncountedGroup",
    "UncountedQuery",
    "UncountedReader",
    "UncountedSources",
    "list_unattributed",
    "list_unmeterable",
]
