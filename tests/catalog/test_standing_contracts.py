"""What was agreed on a contract stands: files do not take it back, and changes must fit it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tallystick.catalog import (
    Catalog,
    ContractChange,
    Documents,
    Subscription,
    catalog_documents,
    newly_unfit,
    plan_catalog,
)
from tallystick.kernel import Done, Outcome, PlanKey, Problem, Refused, SubscriptionKey, instant

NOW = instant("2026-03-01T00:00:00Z")
KEY = SubscriptionKey("acme-pro")
FEE: dict[str, Any] = {"key": "base", "model": "flat", "amount": "10", "cadence": "advance"}
CALLS: dict[str, Any] = {"key": "use", "model": "unit", "meter": "calls", "unit_price": "0.1"}
SPACE: dict[str, Any] = {"key": "use", "model": "unit", "meter": "space", "unit_price": "2"}
CONTRACT: dict[str, Any] = {
    "key": KEY,
    "account": "acme",
    "plan": "pro",
    "version": 1,
    "legal_entity": "main",
    "start": "2026-01-01",
}
TEAM = {"plan": "team", "version": 1}
YEARLY = {"plan": "yearly", "version": 1}
SUPPORT = {"add_ons": [{"plan": "support", "version": 1}]}


def plan(key: str, *prices: Mapping[str, object], **more: object) -> dict[str, object]:
    """Return a plan by month, in euros."""
    body = {"key": key, "version": 1, "name": key, "currency": "EUR", "interval": "month"}
    return {**body, "prices": list(prices), **more}


def file(*, plans: list[dict[str, object]] | None = None, **contract: object) -> Documents:
    """Return a whole catalog with one contract."""
    sold = [
        plan("pro", FEE, CALLS),
        plan("team", FEE, SPACE),
        plan("yearly", FEE, interval="year"),
        plan("support", FEE, add_on=True),
    ]
    lists: dict[str, list[object]] = {
        "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
        "meters": [
            {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"},
            {
                "key": "space",
                "event_type": "space",
                "aggregation": "sum",
                "value": "n",
                "unit": "byte",
            },
        ],
        "plans": [*(sold if plans is None else plans)],
        "accounts": [
            {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
        ],
        "subscriptions": [{**CONTRACT, **contract}],
    }
    return Documents(lists=lists)


def stored(documents: Documents) -> Catalog:
    """Return what stands once documents were applied."""
    outcome = plan_catalog(documents, stored=Catalog(), at=NOW)
    assert isinstance(outcome, Done), outcome
    return outcome.value.stores


def changed(stands: Catalog, **said: object) -> Outcome[Subscription]:
    """Return the contract after its document was applied again with something said anew."""
    contract = stands.subscriptions[KEY]
    document = {name: CONTRACT[name] for name in CONTRACT} | said
    lists: dict[str, list[object]] = {"subscriptions": [document]}
    outcome = plan_catalog(Documents(lists=lists), stored=stands, at=NOW)
    if isinstance(outcome, Refused):
        return outcome
    return Done(outcome.value.stores.subscriptions.get(KEY, contract))


def refused(outcome: Outcome[Subscription]) -> Problem:
    """Return the first problem."""
    assert isinstance(outcome, Refused), outcome
    return outcome.problems[0]


def test_a_file_without_an_end_does_not_take_an_end_back() -> None:
    """Who canceled stays canceled when a file is applied that knows nothing of it."""
    ended = stored(file(end="2026-06-01"))
    again = changed(ended)
    assert isinstance(again, Done), again
    assert again.value.end == instant("2026-06-01T00:00:00Z")


def test_an_end_is_taken_back_by_saying_so() -> None:
    """An end that is written out empty is none: who stays is charged on."""
    again = changed(stored(file(end="2026-06-01")), end=None)
    assert isinstance(again, Done), again
    assert again.value.end is None


def test_a_term_does_not_take_an_earlier_end_back() -> None:
    """The end that follows from a term is that of a contract nobody ended before."""
    term = {"periods": 12}
    ended = stored(file(term=term, end="2026-06-01"))
    again = changed(ended, term=term)
    assert isinstance(again, Done), again
    assert again.value.end == instant("2026-06-01T00:00:00Z")


@pytest.mark.parametrize("order", [("USD", "GBP"), ("GBP", "USD")])
def test_the_order_of_names_is_no_difference(order: tuple[str, str]) -> None:
    """A store gives mappings back in an order of its own; the file is unchanged all the same."""
    currencies = {code: {"amount": "9"} for code in order}
    where = {"zone": "a", "size": "b"} if order[0] == "USD" else {"size": "b", "zone": "a"}
    grid = {
        "key": "grid",
        "model": "matrix",
        "meter": "by_place",
        "group_by": ["size", "zone"],
        "cells": [{"where": where, "unit_price": "2"}],
        "default_price": "1",
    }
    dimensions = [{"name": name, "path": name} for name in ("size", "zone")]
    meter: dict[str, object] = {"key": "by_place", "event_type": "x", "aggregation": "count"}
    meter |= {"unit": "call", "dimensions": dimensions}
    documents = file(plans=[plan("pro", {**FEE, "currencies": currencies}, grid)])
    lists: dict[str, Sequence[object]] = {**documents.lists, "meters": [meter]}
    other = {"GBP": {"amount": "9"}, "USD": {"amount": "9"}}
    kept = [plan("pro", {**FEE, "currencies": other}, {**grid, "cells": [
        {"where": {"size": "b", "zone": "a"}, "unit_price": "2"}
    ]})]  # fmt: skip
    stands = stored(Documents(lists={**lists, "plans": kept}))
    again = plan_catalog(Documents(lists=lists), stored=stands, at=NOW)
    assert isinstance(again, Done), again
    assert {change.action.value for change in again.value.changes} == {"unchanged"}


def test_an_own_price_does_not_stand_for_a_price_of_another_meter() -> None:
    """What was agreed for a call is not what another plan's gigabyte costs, though its key is."""
    stands = stored(file(prices=[{**CALLS, "unit_price": "0.08"}]))
    problem = refused(changed(stands, prices=[{**CALLS, "unit_price": "0.08"}],
                              changes=[{"at": "2026-04-01", **TEAM}]))  # fmt: skip
    assert (problem.code, problem.field) == ("wrong_value", "subscriptions[0].changes[0].plan")
    assert 'plan_prices: ["use"]' in problem.message
    given_up = changed(stands, prices=[{**CALLS, "unit_price": "0.08"}],
                       changes=[{"at": "2026-04-01", **TEAM, "plan_prices": ["use"]}])  # fmt: skip
    assert isinstance(given_up, Done), given_up


def test_a_change_must_fit_what_was_agreed_for_later() -> None:
    """An add-on of next month is not taken beside a yearly plan that is agreed on since."""
    stands = stored(file(changes=[{"at": "2026-05-01", **SUPPORT}]))
    problem = refused(changed(stands, changes=[{"at": "2026-04-01", **YEARLY}]))
    assert problem.field == "subscriptions[0].changes[0]"
    assert "2026-05-01" in problem.message
    assert "must have one interval" in problem.message
    at_once = changed(stands, changes=[{"at": "2026-05-01", "quantities": {}, **TEAM}])
    assert isinstance(at_once, Done), at_once


def test_what_did_not_fit_before_is_not_held_against_a_change() -> None:
    """Only what a change makes unfit speaks against it: a contract can always be changed on."""
    catalog = stored(file(changes=[{"at": "2026-05-01", **SUPPORT}]))
    sound = catalog.subscriptions[KEY]
    yearly = ContractChange(at=NOW, plan=PlanKey("yearly"), version=1)
    odd = replace(sound, changes=(yearly, *sound.changes))
    paused = ContractChange(at=instant("2026-06-01T00:00:00Z"), paused=True)
    assert (
        newly_unfit(odd, replace(odd, changes=(*odd.changes, paused)), catalog.plan_versions) == ()
    )
    ((change, _),) = newly_unfit(sound, odd, catalog.plan_versions)
    assert change == sound.changes[0]


def test_changes_of_a_contract_are_bounded_however_they_come() -> None:
    """One change at a time, too: the thousand-and-first is refused, an end is not."""
    changes = [{"at": "2026-04-01", "quantities": {"seats": str(n)}} for n in range(1000)]
    seats = {"key": "seats", "model": "unit", "unit_price": "1"}
    stands = stored(file(plans=[plan("pro", FEE, seats)], changes=changes))
    more = {"at": "2026-05-01", "quantities": {"seats": "5000"}}
    problem = refused(changed(stands, changes=[more]))
    assert (problem.field, "1000" in problem.message) == ("subscriptions[0].changes", True)
    assert isinstance(changed(stands, end="2026-06-01"), Done)
    assert isinstance(plan_catalog(catalog_documents(stands), stored=stands, at=NOW), Done)


@pytest.mark.parametrize("anchor", ["1970-01-01", "2025-12-31"])
def test_phases_are_counted_at_once_from_anchors_long_ago(anchor: str) -> None:
    """Counting begins at the start, not at the anchor: hours of half a century are no walk."""
    hourly = plan("pro", CALLS, interval="hour", alignment="anniversary", proration="second")
    documents = file(plans=[hourly], anchor=anchor, changes=[{"after_periods": 2, "paused": True}])
    contract = stored(documents).subscriptions[KEY]
    assert [change.at for change in contract.changes] == [instant("2026-01-01T02:00:00Z")]


@pytest.mark.parametrize("said", [{"start": "0001-01-01"}, {"anchor": "9999-12-31"}])
def test_a_contract_lies_in_times_that_can_be_counted(said: dict[str, str]) -> None:
    """A start or anchor at the edge of the calendar is refused where it stands, not when billed."""
    outcome = plan_catalog(file(plans=None, **said), stored=Catalog(), at=NOW)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].field == f"subscriptions[0].{next(iter(said))}"


def test_a_contract_in_another_currency_may_pay_prices_of_its_own() -> None:
    """They are in the contract's currency, which is the currency that it is billed in."""
    own = {**CALLS, "unit_price": "0.09"}
    dollars = stored(file(currency="USD", prices=[own])).subscriptions[KEY]
    assert [price.currency for price in dollars.prices] == ["USD"]
    euros = plan_catalog(file(currency="USD", prices=[{**own, "currency": "EUR"}]),
                         stored=Catalog(), at=NOW)  # fmt: skip
    assert isinstance(euros, Refused)


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"interval": "hour"}, "interval"),
        ({"model": "time_of_use", "bands": [{"name": "x", "unit_price": "1", "end": "06:00"}],
          "otherwise": "1"}, "model"),
    ],
)  # fmt: skip
def test_an_own_price_can_be_billed(own: dict[str, object], field: str) -> None:
    """As prices of plans: days are no parts of an hour, and the most at once has no parts."""
    most = {"key": "use", "model": "unit", "meter": "most", "unit_price": "1"}
    meter = {"key": "most", "event_type": "m", "aggregation": "max", "value": "n", "unit": "byte"}
    price = {**most, **own}
    if "model" in own:
        del price["unit_price"]
    documents = file(plans=[plan("pro", FEE, most)], prices=[price])
    lists: dict[str, Sequence[object]] = {**documents.lists, "meters": [meter]}
    outcome = plan_catalog(Documents(lists=lists), stored=Catalog(), at=NOW)
    assert isinstance(outcome, Refused), outcome
    assert outcome.problems[0].field == f"subscriptions[0].prices[0].{field}"


def test_phases_beyond_all_time_are_refused() -> None:
    """No calendar has a year 12,026: that is a problem of its field, and no crash."""
    ages = plan("pro", FEE, interval={"count": 100, "of": "year"})
    documents = file(plans=[ages], changes=[{"after_periods": 1200, "paused": True}])
    outcome = plan_catalog(documents, stored=Catalog(), at=NOW)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].field == "subscriptions[0].changes[0].after_periods"
