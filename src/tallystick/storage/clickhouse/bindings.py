"""Values on their way into a query: bound as parameters, never pasted."""

from collections.abc import Sequence
from typing import Any

from tallystick.kernel import Misuse
from tallystick.metering import UsageQuery
from tallystick.storage.clickhouse.schema import (
    EVENTS,
    FIELDS_READ,
    TRIED,
    UNCORRECTED,
    select_uncorrected,
)


class Bindings:
    """
    The parameters of one query; each value gets a name and is referred to by placeholder.

    ``events`` is the view that the query reads.
    """

    def __init__(self, *, events: str = EVENTS, **named: Any) -> None:  # noqa: ANN401 (whatever the engine takes)
        self.events = events
        self.parameters: dict[str, Any] = dict(named)

    def selected(self, columns: Sequence[str], conditions: Sequence[str]) -> str:
        """Return a selection from ``events``, with ``read``: the event's data as meters read it."""
        if self.events == UNCORRECTED:
            return select_uncorrected(", ".join((*columns, f"{FIELDS_READ} AS read")), conditions)
        named = ", ".join((*columns, "fields AS read"))
        return f"SELECT {named} FROM {self.events} WHERE {' AND '.join(conditions)}"

    def text(self, value: str) -> str:
        """Bind a text and return its placeholder."""
        return self._bind(value, "String")

    def whole(self, value: int) -> str:
        """Bind a whole number of 64 bits with sign and return its placeholder."""
        return self._bind(value, "Int64")

    def position(self, value: int) -> str:
        """Bind a log position and return its placeholder."""
        return self._bind(value, "UInt64")

    def texts(self, values: Sequence[str]) -> str:
        """Bind a list of texts and return its placeholder."""
        return self._bind(list(values), "Array(String)")

    def positions(self, values: Sequence[int]) -> str:
        """Bind a list of log positions and return its placeholder."""
        return self._bind(list(values), "Array(UInt64)")

    def wholes(self, values: Sequence[int]) -> str:
        """Bind a list of whole numbers and return its placeholder."""
        return self._bind(list(values), "Array(Int64)")

    def _bind(self, value: object, kind: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"


def bindings_of(query: UsageQuery, *, corrected: bool = True) -> Bindings:
    """
    Return parameters that hold what the views need: whose events, and as of which position.

    Args:
        query: what is asked.
        corrected: False where the workspace is known to hold no corrections and no backfills.

    Raises:
        Misuse: the query does not say what is known.
    """
    if query.through is None:
        raise Misuse("a statement names the last position that is known")
    known: dict[str, Any] = {"workspace": str(query.workspace), "as_of": query.through}
    if query.counted or query.left_out:
        return Bindings(events=TRIED, counted=query.counted, left_out=query.left_out, **known)
    return Bindings(events=EVENTS if corrected else UNCORRECTED, **known)
