"""
Usage measured again for a verification: folded from events, or sealed in their place.

Nothing of drafting is used but the arithmetic itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tallystick.invoicing.asked import (
    Brought,
    Measured,
    answer,
    brought_into,
    detailed_rows,
    folding,
    items_behind,
    parts_before,
    together,
    usage_of,
    whole_rows,
)
from tallystick.invoicing.charging import UsageOf
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.coherence import item_on
from tallystick.invoicing.converting import issue_day_of
from tallystick.invoicing.due import Item
from tallystick.invoicing.line import Line, LineKey
from tallystick.invoicing.queries import priced_queries, shared_questions
from tallystick.invoicing.replay import Identity
from tallystick.invoicing.schedule import as_billed
from tallystick.invoicing.sealed import sealed_windows
from tallystick.invoicing.whole import attributions_of, taken_off_steps
from tallystick.kernel import InvariantBroken, Period, PriceKey, SubscriptionKey
from tallystick.metering import Event, UsageRow, event_types
from tallystick.pricing import Charge, Price, Step, Unrateable


class Remeasured:
    """Usage folded from the events, or sealed in their place, by price, window and group."""

    def __init__(self, claim: Claim, events: Sequence[Event]) -> None:
        by_type: dict[str, list[Event]] = {}
        for event in events:
            by_type.setdefault(event.type, []).append(event)
        self._rows: dict[tuple[PriceKey, Period], dict[tuple[str, ...], UsageRow]] = {}
        for place, rows in sealed_windows(claim.invoice.id, claim.sealed).items():
            self._rows[place] = {row.group: row for row in rows}
        queries = priced_queries(claim.invoice, claim.basis, sealed=claim.sealed)
        for price, query in queries:
            types = sorted(event_types(query.meter))
            own = [event for one in types for event in by_type.get(one, ())]
            for row in detailed_rows(price, query, folding(own)):
                self._rows.setdefault((price.key, row.window), {})[row.group] = row
        self._shared: dict[tuple[PriceKey, SubscriptionKey, Period], Measured] = {}
        for question in shared_questions(claim.invoice, claim.basis):
            types = sorted(event_types(question.query.meter))
            own = [event for one in types for event in by_type.get(one, ())]
            for found in answer(question, folding(own)):
                of = question.of or claim.invoice.subscription
                self._shared[found.price, of, found.period] = found
        self._basis = claim.basis
        lines = (line for line in claim.invoice.lines if item_on(claim, line) is not None)
        keys = [line.key for line in lines]
        self.attributions = attributions_of(claim.basis, keys)
        self.taken_off = self._taken_off(claim, keys)
        self.credited: Mapping[Identity, Charge] = {}

    def _taken_off(
        self, claim: Claim, keys: Sequence[LineKey]
    ) -> Mapping[object, tuple[Step, ...]]:
        """Return what coupons take off; nothing where a line cannot be rated, which is said."""
        try:
            return taken_off_steps(
                claim.basis,
                keys,
                self._measured(claim),
                billed=as_billed(claim.previous),
                issue_on=issue_day_of(claim),
            )
        except (Unrateable, InvariantBroken):
            return {}

    def _measured(self, claim: Claim) -> list[Measured]:
        """Return the usage as answers, by service period; a preview measured only a part of it."""
        whole = {
            (line.key.price, line.measurement.window): line.key.period
            for line in claim.invoice.lines
            if line.measurement is not None
        }
        own = (
            Measured(
                price=price,
                period=whole.get((price, window), window),
                rows=tuple(rows.values()),
            )
            for (price, window), rows in self._rows.items()
        )
        return [*own, *self._shared.values()]

    def usage(self, line: Line, item: Item, window: Period) -> UsageOf:
        """Return what a line's group used of an item in a window, with the detail it asks for."""
        rows = tuple(self._rows.get((item.price.key, window), {}).values())
        return usage_of(item, rows, line.key.group)

    def brought(self, line: Line, item: Item) -> Brought:
        """Return what parts before a line's item, and others with the same tiers, leave to it."""
        before = parts_before(self._basis, item, items_behind(self._basis, item))
        brought = brought_into(
            self._basis, item, before, lambda one: self.usage(line, one, one.period)
        )
        shared = together(self._basis, item, line.key.group, partial(self._rows_of, item.price.key))
        return replace(brought, together=shared)

    def _rows_of(self, price: PriceKey, of: SubscriptionKey, piece: Period) -> Sequence[UsageRow]:
        found = self._shared.get((price, of, piece))
        return () if found is None else found.rows

    def row(self, line: Line, window: Period) -> UsageRow | None:
        """Return what a line's group used of its price in a window, None if nothing."""
        return self._rows.get((line.key.price, window), {}).get(line.key.group)

    def groups(self, price: Price, window: Period) -> Iterable[tuple[str, ...]]:
        """Return the groups that used anything of a price in a window."""
        rows = self._rows.get((price.key, window), {}).values()
        return [row.group for row in whole_rows(price, rows)]
