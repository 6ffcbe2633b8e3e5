"""Issued lines that settled keys, as a comparison with what is due now looks at them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from tallystick.invoicing.invoice import Purpose
from tallystick.invoicing.line import LineKey, LineKind
from tallystick.invoicing.orders import Disposition
from tallystick.invoicing.replay import Billed, Identity
from tallystick.kernel import InvoiceId, PriceKey
from tallystick.metering import Reach

Place: TypeAlias = tuple[datetime, Purpose]
"""Which document of a subscription: since when its period runs, and why it was made."""


class History:
    """
    Issued lines that settled keys, by key and by price and period, in the order of issue.

    ``voided``: the voided documents; ``reaches``: what reached the lines.
    """

    def __init__(self, billed: Iterable[Billed], reaches: Sequence[Reach]) -> None:
        self.reaches = reaches
        self.by_key: dict[Identity, list[Billed]] = {}
        self.by_place: dict[tuple[PriceKey, datetime], list[Billed]] = {}
        self.voided: set[InvoiceId | None] = set()
        self._replaced: set[tuple[InvoiceId | None, Place]] = set()
        self._places: dict[tuple[InvoiceId | None, Identity], Place] = {}
        for line in billed:
            if line.kind is not LineKind.DERIVED:
                continue
            place = (line.period.start, line.purpose)
            self._places.setdefault((line.document, line.key.identity), place)
            if line.disposition is not None:
                self.voided.add(line.corrects)
            self._replaced.add((line.replaces, place))
            self.by_key.setdefault(line.key.identity, []).append(line)
            self.by_place.setdefault(place_of(line.key), []).append(line)

    def reopened(self, place: Sequence[Billed]) -> Place | None:
        """
        Return the document in whose place alone a price and period is due again; None: in any.

        Once that document was billed anew, what comes to light is corrected as ever.
        """
        last = place[-1] if place else None
        if last is None or last.disposition is not Disposition.REBILL:
            return None
        home = self._places.get((last.corrects, last.key.identity))
        return None if home is None or (last.corrects, home) in self._replaced else home

    def is_closed(self, place: Iterable[Billed]) -> bool:
        """Tell whether a document that stands has charged a price and period, once it was over."""
        return any(
            line.disposition is None
            and line.document not in self.voided
            and line.purpose is not Purpose.THRESHOLD
            for line in place
        )


def running_in(place: Iterable[Billed]) -> datetime | None:
    """Return the beginning of the period whose documents for thresholds charged a price."""
    found = (line.period.start for line in place if line.purpose is Purpose.THRESHOLD)
    return next(found, None)


def place_of(key: LineKey) -> tuple[PriceKey, datetime]:
    """Return the price and the beginning of the service period of a key."""
    return (key.price, key.period.start)
