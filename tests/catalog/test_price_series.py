"""Price series: published in order of time, told once, corrected with a reason."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from tallystick.catalog import (
    Action,
    Catalog,
    CatalogPlan,
    Documents,
    PriceFact,
    catalog_documents,
    catalog_from_documents,
    new_facts,
    plan_catalog,
    prices_in_force,
)
from tallystick.kernel import Done, Outcome, Refused, instant

NOW = instant("2026-02-01T00:00:00Z")


def at(hour: int) -> datetime:
    """Return an hour of a day."""
    return instant(f"2026-01-05T{hour:02}:00:00Z")


def fact(hour: int, price: str, corrects: str = "") -> PriceFact:
    """Return a price from an hour on."""
    return PriceFact(at=at(hour), unit_price=Decimal(price), corrects=corrects)


TEN, ELEVEN = fact(10, "0.031"), fact(11, "0.045")


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ([TEN, ELEVEN], []),
        ([fact(12, "0.03")], []),
        ([fact(11, "0.05")], ["published"]),
        ([fact(10, "0.05")], ["published"]),
        ([fact(9, "0.05")], ["published"]),
        ([fact(11, "0.05", "wrong file")], []),
        ([fact(9, "0.05", "was missing")], []),
        ([fact(12, "0.05", "too soon")], ["nothing_to_correct"]),
        ([fact(12, "-1")], ["out_of_range"]),
        ([fact(13, "1"), fact(12, "1")], ["published"]),
    ],
)
def test_prices_are_published_in_order_of_time(told: list[PriceFact], codes: list[str]) -> None:
    """What lies before the last price is complete; only a correction tells of it anew."""
    outcome = new_facts([TEN, ELEVEN], told)
    found = [one.code for one in outcome.problems] if isinstance(outcome, Refused) else []
    assert found == codes


def test_what_stands_may_be_told_again() -> None:
    """A file that holds everything so far adds what is new, and a second time nothing."""
    outcome = new_facts([TEN], [TEN, ELEVEN])
    assert isinstance(outcome, Done)
    assert outcome.value == (ELEVEN,)


def test_the_last_fact_about_an_instant_counts() -> None:
    """Corrections stand behind what they correct, and prices are given in order of time."""
    facts = [TEN, ELEVEN, fact(10, "0.04", "wrong"), fact(9, "0.01", "was missing")]
    found = [(rate.at.hour, str(rate.unit_price)) for rate in prices_in_force(facts)]
    assert found == [(9, "0.01"), (10, "0.04"), (11, "0.045")]
    since = prices_in_force(facts, since=instant("2026-01-05T10:30:00Z"))
    assert [rate.at.hour for rate in since] == [10, 11]


def series(*prices: Mapping[str, object], **fields: object) -> dict[str, object]:
    """Return the document of a series."""
    return {"key": "spot", "currency": "EUR", "unit": "hour", "prices": [*prices], **fields}


FIRST = {"at": "2026-01-05T10:00:00Z", "unit_price": "0.031"}
SECOND = {"at": "2026-01-05T11:00:00Z", "unit_price": "0.045"}


def applied(stored: Catalog, *documents: Mapping[str, object]) -> Outcome[CatalogPlan]:
    """Return what applying series would do."""
    lists = Documents(lists={"price_series": [*documents]})
    return plan_catalog(lists, stored=stored, at=NOW)


def standing() -> Catalog:
    """Return a catalog with a series of one price."""
    outcome = applied(Catalog(), series(FIRST))
    assert isinstance(outcome, Done), outcome
    return outcome.value.stores


def test_a_file_need_not_tell_what_was_published_before() -> None:
    """Applying a file with the next price alone adds it; what is not mentioned stays."""
    outcome = applied(standing(), series(SECOND))
    assert isinstance(outcome, Done), outcome
    (change,) = outcome.value.changes
    assert change.action is Action.CHANGED
    assert [one.field for one in change.fields] == ["prices[1]"]
    again = applied(outcome.value.stores, series(FIRST, SECOND))
    assert isinstance(again, Done)
    assert again.value.changes[0].action is Action.UNCHANGED


def test_what_is_written_is_read_back() -> None:
    """An exported catalog is unchanged when it is applied, corrections included."""
    more = applied(standing(), series(SECOND, {**FIRST, "unit_price": "0.04", "corrects": "wrong"}))
    assert isinstance(more, Done), more
    stored = more.value.stores
    outcome = catalog_from_documents(catalog_documents(stored))
    assert isinstance(outcome, Done), outcome
    assert outcome.value == stored


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (series({**FIRST, "unit_price": "1"}), "published", "price_series[0].prices[0].at"),
        (series(currency="USD"), "published", "price_series[0].currency"),
        (series(unit="day"), "published", "price_series[0].unit"),
        (series({"at": "10:00", "unit_price": "1"}), "wrong_type", "price_series[0].prices[0].at"),
        (series(unit="parsec"), "unknown_unit", "price_series[0].unit"),
        (series(currency="XYZ"), "wrong_value", "price_series[0].currency"),
    ],
)
def test_what_was_published_does_not_change(
    document: Mapping[str, object], code: str, field: str
) -> None:
    """Another price for the same instant, another currency or unit are refused, with their path."""
    outcome = applied(standing(), document)
    assert isinstance(outcome, Refused)
    assert (outcome.problems[0].code, outcome.problems[0].field) == (code, field)


METER = {"key": "vm", "event_type": "vm", "aggregation": "sum", "value": "hours", "unit": "hour"}


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ({}, None),
        ({"price_series": "nowhere"}, "unknown_reference"),
        ({"unit": "second"}, "wrong_value"),
        ({"meter": None}, "wrong_value"),
        ({"series": [{"at": "2026-01-05T10:00:00Z", "unit_price": "1"}]}, "wrong_value"),
    ],
)
def test_a_price_follows_a_series_of_its_currency_and_unit(
    price: Mapping[str, object], code: str | None
) -> None:
    """A plan's price names a declared series, whose prices are for its own unit."""
    body = {
        "key": "spot",
        "model": "dynamic",
        "meter": "vm",
        "unit": "hour",
        "price_series": "spot",
        **price,
    }
    body = {name: value for name, value in body.items() if value is not None}
    plan = {
        "key": "p",
        "version": 1,
        "name": "P",
        "currency": "EUR",
        "interval": "month",
        "prices": [body],
    }
    lists: dict[str, list[object]] = {
        "meters": [METER],
        "price_series": [series(FIRST)],
        "plans": [plan],
    }
    outcome = catalog_from_documents(Documents(lists=lists))
    found = None if isinstance(outcome, Done) else outcome.problems[0].code
    assert found == code
