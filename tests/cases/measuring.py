"""Quantities for the case tables, measured by the folds and by ClickHouse alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from tallystick.kernel import EXACT, Period, Quantity, WorkspaceId, convert, unit
from tallystick.metering import Event, Meter, UsageQuery, UsageRow, measure_usage
from tests.clickhouse import UsageStore, of_workspace
from tests.events import window
from tests.notation import CaseBook, Reason, Row

HOUR = window(0, 3600)
TENTH_DIGIT = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures events twice and insists that both agree."""

    store: UsageStore

    def rows(
        self,
        meter: Meter,
        events: list[Event],
        *,
        windows: tuple[Period, ...] = (HOUR,),
        group_by: tuple[str, ...] = (),
    ) -> list[UsageRow]:
        """Return the rows of events stored in a workspace of their own."""
        stored = self.store.put(events)
        query = UsageQuery(
            workspace=WorkspaceId("w"), meter=meter, windows=windows, group_by=group_by
        )
        rows = self.store.usage(query, stored)
        assert rows == measure_usage(of_workspace(query, stored), stored)
        return rows

    def row(self, meter: Meter, events: list[Event], within: Period = HOUR) -> UsageRow:
        """Return the row of a single window."""
        (row,) = self.rows(meter, events, windows=(within,))
        return row

    def quantity(self, meter: Meter, events: list[Event], within: Period = HOUR) -> Decimal:
        """Return the quantity of a single window."""
        return self.row(meter, events, within).fold.quantity


CaseCheck: TypeAlias = Callable[[Measuring, Row], None]
"""Puts one row through a way to measure."""


def measured_book(
    file: str, checks: Mapping[str, CaseCheck], left_out: Mapping[str, Reason], *, ask: Measuring
) -> CaseBook:
    """Return the checks of a file, to be run with a way to measure."""
    return CaseBook(
        file=file,
        checks={key: partial(_run, check=check, ask=ask) for key, check in checks.items()},
        left_out=left_out,
    )


def _run(row: Row, *, check: CaseCheck, ask: Measuring) -> None:
    check(ask, row)


def in_unit(value: Decimal, of: str, to: str) -> Decimal:
    """Return a quantity in another unit, to ten digits behind the point as the cases show them."""
    quantity = Quantity(value=value, unit=unit(of))
    return convert(quantity, unit(to)).value.quantize(TENTH_DIGIT, context=EXACT)


def priced(value: Decimal, of: str, *, per: str, price: str) -> Decimal:
    """Return quantity x unit price, to ten digits."""
    quantity = Quantity(value=value, unit=unit(of))
    exact = EXACT.multiply(convert(quantity, unit(per)).value, Decimal(price))
    return exact.quantize(TENTH_DIGIT, context=EXACT)
