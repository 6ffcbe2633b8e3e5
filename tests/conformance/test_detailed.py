"""The detail that prices ask for is the same from ClickHouse and from the reference folds."""

from dataclasses import replace

import pytest

from tallystick.invoicing import Asking, detailed_rows, folding, questions, replayed_items
from tallystick.metering import Event, UsageQuery
from tests.clickhouse import UsageStore, of_workspace
from tests.invoicing.detailed_cases import BANDS, CASES, MACHINE, Billed, basis_of, machine
from tests.invoicing.world import JANUARY, Asked

ALL_JANUARY = Billed(
    meter=MACHINE,
    price={"model": "time_of_use", "unit": "vm.hour", "bands": BANDS, "otherwise": "1"},
    events=[machine(1, "2025-12-20T00:00:00Z", 1), machine(2, "2026-01-15T12:34:56Z", 3)],
    lines={},
    steps=(),
)


@pytest.mark.parametrize("case", [*CASES.values(), ALL_JANUARY], ids=[*CASES, "levels by band"])
def test_detail_is_the_same_from_both(case: Billed, usage_store: UsageStore) -> None:
    """Parts and transactions agree row by row, in a zone whose days are not those of UTC."""
    basis = basis_of(case.meter, case.price, zone="America/New_York")
    stored = usage_store.put(case.events)
    items = replayed_items(basis, period=JANUARY, purpose=Asked().purpose, billed=())
    (question,) = questions(basis, items, position=stored[-1].position)
    query = of_workspace(replace(question.query, windows=(JANUARY,)), stored)
    price = basis.plan.prices[0]

    def ask_events(asked: UsageQuery) -> list[Event]:
        return usage_store.reader.events(asked, after_position=0, limit=1000)

    asked = Asking(rows=usage_store.reader.usage, events=ask_events)
    found = detailed_rows(price, query, asked)
    assert found == detailed_rows(price, query, folding(stored))
    assert len(found) >= len(case.lines)
