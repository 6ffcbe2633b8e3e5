"""A plan is refused whose meter cannot tell what a price has to know."""

from datetime import UTC, datetime

import pytest

from tallystick.catalog import Catalog, Documents, catalog_from_documents, plan_catalog
from tallystick.kernel import Done, Refused

METERS = {
    "sum": {"aggregation": "sum", "value": "n"},
    "count": {"aggregation": "count"},
    "max": {"aggregation": "max", "value": "n"},
    "time_weighted": {"aggregation": "time_weighted", "value": "n"},
}
BANDS = {
    "model": "time_of_use",
    "otherwise": "1",
    "bands": [{"name": "night", "unit_price": "2", "end": "06:00"}],
}
SPOT = {"model": "dynamic", "series": [{"at": "2026-01-01T00:00:00Z", "unit_price": "1"}]}
EACH = {"model": "percentage", "percent": "1", "free_transactions": "1"}
WITH_COUNT = {"model": "percentage", "percent": "1", "fixed": "1"}
PLAIN = {"model": "percentage", "percent": "1"}


@pytest.mark.parametrize(
    ("price", "good", "bad"),
    [
        (BANDS, {"sum", "count", "time_weighted"}, {"max"}),
        (SPOT, {"sum", "count", "time_weighted"}, {"max"}),
        (EACH, {"sum", "count"}, {"max", "time_weighted"}),
        (WITH_COUNT, {"sum", "count"}, {"max", "time_weighted"}),
        (PLAIN, set(METERS), set()),
    ],
)
def test_a_price_needs_a_meter_that_can_tell(
    price: dict[str, object], good: set[str], bad: set[str]
) -> None:
    """Parts of the time need a meter that adds; transactions one that counts or sums events."""
    found = {name: _fields_refused(name, price) for name in good | bad}
    assert {name for name, fields in found.items() if not fields} == good
    assert all(found[name] == ["plans[0].prices[0].meter"] for name in bad)


@pytest.mark.parametrize("price", [BANDS, SPOT, EACH, WITH_COUNT])
def test_a_price_of_a_quantity_alone_must_be_of_one(price: dict[str, object]) -> None:
    """Of seats nothing is known but how many: what needs more could never be billed."""
    plan = {"key": "p", "version": 1, "name": "P", "currency": "EUR", "interval": "month"}
    documents = Documents(lists={"plans": [{**plan, "prices": [{"key": "it", **price}]}]})
    outcome = plan_catalog(documents, stored=Catalog(), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(outcome, Refused)
    assert [problem.field for problem in outcome.problems] == ["plans[0].prices[0].meter"]
    # One that was published before is read as ever: the rest of the catalog must not suffer.
    assert isinstance(catalog_from_documents(documents), Done)


def _fields_refused(meter: str, price: dict[str, object]) -> list[str]:
    documents = Documents(
        lists={
            "meters": [{"key": "m", "event_type": "e", "unit": "count", **METERS[meter]}],
            "plans": [
                {
                    "key": "p",
                    "version": 1,
                    "name": "P",
                    "currency": "EUR",
                    "interval": "month",
                    "alignment": "calendar",
                    "prices": [{"key": "it", "meter": "m", **price}],
                }
            ],
        }
    )
    outcome = catalog_from_documents(documents, stored=Catalog())
    assert isinstance(outcome, Done | Refused)
    return [problem.field for problem in outcome.problems] if isinstance(outcome, Refused) else []
