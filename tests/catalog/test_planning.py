"""The difference that an application makes, and the changes that it refuses."""

from collections.abc import Callable
from typing import Any

import pytest

from tallystick.catalog import (
    Action,
    Catalog,
    Change,
    Documents,
    FieldChange,
    Place,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done, MeterKey, Outcome, Refused, instant
from tests.catalogs import catalog, documents, lists

NOW = instant("2026-06-01T00:00:00Z")
Lists = dict[str, list[Any]]


def planned(edit: Callable[[Lists], object]) -> Outcome[Any]:
    """Plan the application of an edited catalog upon the unedited one."""
    changed = lists()
    edit(changed)
    return plan_catalog(documents(changed), stored=catalog(), at=NOW)


def changes(edit: Callable[[Lists], object]) -> list[Change]:
    """Return what an edit changes or creates."""
    outcome = planned(edit)
    assert isinstance(outcome, Done), outcome
    return [each for each in outcome.value.changes if each.action is not Action.UNCHANGED]


def refusals(edit: Callable[[Lists], object]) -> list[tuple[str, str]]:
    """Return fields and messages of what an edit is refused for."""
    outcome = planned(edit)
    assert isinstance(outcome, Refused), outcome
    return [(problem.field, problem.message) for problem in outcome.problems]


def test_nothing_new() -> None:
    """The same documents again leave everything as it is."""
    assert changes(lambda _: None) == []


def test_absent_objects_stay() -> None:
    """What is left out is neither changed nor deleted, and may be referred to."""
    subscription = lists()["subscriptions"][0] | {"key": "second"}
    outcome = plan_catalog(
        Documents(lists={"subscriptions": [subscription]}), stored=catalog(), at=NOW
    )
    assert isinstance(outcome, Done)
    assert [(each.name, each.action.value) for each in outcome.value.changes] == [
        ("second", "created")
    ]


def test_changed_fields_are_told_with_before_and_after() -> None:
    """A change names each field by its path, with what it was and what it becomes."""

    def edit(changed: Lists) -> None:
        changed["accounts"][1]["name"] = "Development"
        changed["resources"][0]["attributes"] = {"region": "us", "size": 4}
        del changed["resources"][0]["ended_at"]

    account, resource = changes(edit)
    assert (account.of, account.name, account.fields) == (
        "accounts",
        "acme-dev",
        (FieldChange(field="name", before="Acme development", after="Development"),),
    )
    assert resource.fields == (
        FieldChange(field="ended_at", before="2026-03-01T00:00:00.000000Z", after=None),
        FieldChange(field="attributes.region", before="eu", after="us"),
        FieldChange(field="attributes.size", before=None, after="4"),
    )


def test_next_version_is_created() -> None:
    """A plan changes by publishing its next version; the one before stays."""

    def edit(changed: Lists) -> None:
        changed["plans"] = [
            changed["plans"][0],
            changed["plans"][0] | {"version": 2, "name": "Professional"},
        ]

    assert [(each.name, each.action) for each in changes(edit)] == [("pro@2", Action.CREATED)]


def test_a_published_plan_keeps_its_price_book_version() -> None:
    """A new version of a price book is taken by plan versions published after it alone."""

    def edit(changed: Lists) -> None:
        changed["price_books"].append(changed["price_books"][0] | {"version": 2})
        changed["plans"].append(changed["plans"][0] | {"version": 2})

    book, plan = changes(edit)
    assert (book.name, plan.name) == ("list@2", "pro@2")
    outcome = planned(edit)
    assert isinstance(outcome, Done)
    assert outcome.value.stores.plan_versions["pro", 2].price_book.version == 2


def test_a_price_book_that_lies_ahead_is_not_taken_yet() -> None:
    """A plan takes the newest version in force when it is published, or the one it names."""

    def edit(changed: Lists) -> None:
        ahead = {"version": 2, "effective_at": "2026-07-01T00:00:00Z"}
        changed["price_books"].append(changed["price_books"][0] | ahead)
        changed["plans"].append(changed["plans"][0] | {"version": 2})
        changed["plans"].append(changed["plans"][0] | {"version": 3, "price_book_version": 2})

    outcome = planned(edit)
    assert isinstance(outcome, Done), outcome
    stores = outcome.value.stores.plan_versions
    assert [stores["pro", version].price_book.version for version in (2, 3)] == [1, 2]


def test_a_price_book_without_a_version_in_force() -> None:
    """What begins later cannot be sold today, unless that is said."""

    def edit(changed: Lists) -> None:
        book = {"key": "new", "effective_at": "2026-07-01T00:00:00Z"}
        changed["price_books"].append(changed["price_books"][0] | book)
        changed["plans"].append(changed["plans"][0] | {"version": 2, "price_book": "new"})

    ((field, message),) = refusals(edit)
    assert field == "plans[1].price_book"
    assert message == 'price book "new" begins later; name a version'


PERMITTED: dict[str, Callable[[Lists], object]] = {
    "name of an account": lambda lists: lists["accounts"][0].update(name="Acme Ltd"),
    "a change of zone ahead": lambda lists: lists["accounts"][0].update(
        zone_changes=[{"zone": "Asia/Tokyo", "at": "2026-06-02T00:00:00Z"}]
    ),
    "address of an entity": lambda lists: lists["legal_entities"][0].update(address="Here 1"),
    "end of a subscription": lambda lists: lists["subscriptions"][0].update(end="2026-05-01"),
    "transfer in the past": lambda lists: lists["resources"][0]["transfers"].append(
        {"account": "acme", "at": "2026-02-02T00:00:00Z"}
    ),
    "zone of an account that nobody bills": lambda lists: lists["accounts"][1].update(
        zone="Asia/Tokyo"
    ),
}


@pytest.mark.parametrize("case", PERMITTED)
def test_permitted_changes(case: str) -> None:
    """What does not alter what was sold may change, one object at a time."""
    assert [each.action for each in changes(PERMITTED[case])] == [Action.CHANGED]


def move_payer(changed: Lists) -> None:
    """Move the payer to another zone, with a subscription that names instants."""
    changed["accounts"][0]["zone"] = "Asia/Tokyo"
    changed["subscriptions"][0] |= {"start": "2026-01-14T23:00:00Z", "anchor": "2026-01-15"}


PRICED = (
    'meter "cpu" is priced by pro; a change would alter what was billed; add a version with an '
    "effective_at that lies ahead, or declare a meter with a "
    "new key and publish a plan version that uses it"
)
REFUSED: dict[str, tuple[Callable[[Lists], object], str, str]] = {
    "price of a plan": (
        lambda lists: lists["plans"][0]["prices"][1]["tiers"][1].update(unit_price="0.03"),
        "plans[0].prices[1].tiers[1].unit_price",
        (
            '"prices[1].tiers[1].unit_price" may not change from "0.04" to "0.03": plan '
            '"pro" version '
            "1 is published; publish version 2 instead"
        ),
    ),
    "name of a plan": (
        lambda lists: lists["plans"][0].update(name="Professional"),
        "plans[0].name",
        (
            '"name" may not change from "Pro" to "Professional": plan "pro" version 1 is '
            "published; "
            "publish version 2 instead"
        ),
    ),
    "price of a book": (
        lambda lists: lists["price_books"][0]["prices"][0].update(package_price="3"),
        "price_books[0].prices[0].package_price",
        (
            '"prices[0].package_price" may not change from "2.5" to "3": price book '
            '"list" version 1 '
            "is published; publish version 2 instead"
        ),
    ),
    "meter": (
        lambda lists: lists["meters"][0].update(value="cpu.user"),
        "meters[0].value",
        f'"value" may not change from "cpu" to "cpu.user": {PRICED}',
    ),
    "currency of an entity": (
        lambda lists: lists["legal_entities"][0].update(currency="USD"),
        "legal_entities[0].currency",
        (
            '"currency" may not change from "EUR" to "USD": legal entity "main" issues invoices; '
            "declare another one instead"
        ),
    ),
    "zone of a payer": (
        move_payer,
        "accounts[0].zone",
        (
            '"zone" may not change from "Europe/Berlin" to "Asia/Tokyo": account "acme" '
            "is billed; for "
            'a zone add to "zone_changes", else declare a new account'
        ),
    ),
    "change of zone in the past": (
        lambda lists: lists["accounts"][0].update(
            zone_changes=[{"zone": "Asia/Tokyo", "at": "2026-06-01T00:00:00Z"}]
        ),
        "accounts[0].zone_changes",
        'account "acme" is billed; a change of zone must lie ahead of now',
    ),
    "start of a subscription": (
        lambda lists: lists["subscriptions"][0].update(start="2026-01-16", anchor="2026-01-15"),
        "subscriptions[0].start",
        (
            '"start" may not change from "2026-01-14T23:00:00.000000Z" to '
            '"2026-01-15T23:00:00.000000Z": subscription "acme-pro" stands; set its "end" '
            "and declare "
            "another one"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_changes(case: str) -> None:
    """What was sold or billed does not change; the message says what to do instead."""
    edit, field, message = REFUSED[case]
    assert refusals(edit) == [(field, message)]


def test_accounts_up_to_the_payer_are_billed() -> None:
    """An account that pays for one below it is as fixed as if it had the subscription itself."""
    subscribed = lists()
    subscribed["subscriptions"][0] |= {"account": "acme-dev", "start": "2026-01-15T00:00:00Z"}
    payer = subscribed["accounts"][0] | {"zone": "Asia/Tokyo"}
    outcome = plan_catalog(
        Documents(lists={"accounts": [payer]}), stored=catalog(subscribed), at=NOW
    )
    assert isinstance(outcome, Refused)
    assert [problem.field for problem in outcome.problems] == ["accounts[0].zone"]


def test_a_meter_that_nothing_prices_may_change() -> None:
    """Until a stored price names it, a meter is a draft."""
    without_prices = lists()
    meters = without_prices["meters"]
    stored = catalog({"units": ["build"], "meters": meters})
    changed = [meters[0] | {"value": "cpu.user"}]
    outcome = plan_catalog(Documents(lists={"meters": changed}), stored=stored, at=NOW)
    assert isinstance(outcome, Done)
    assert outcome.value.count(Action.CHANGED) == 1


def formulas(**texts: str) -> Lists:
    """Return meters that are formulas, before those that they name."""
    made = [
        {"key": key, "aggregation": "formula", "formula": text, "unit": "build"}
        for key, text in texts.items()
    ]
    return {"units": ["build"], "meters": [*made, *lists()["meters"]]}


def test_formulas_may_stand_before_the_meters_they_name() -> None:
    """The order in the files does not matter, and a formula may name another one."""
    stored = catalog(formulas(twice="once * 2", once="builds"))
    assert stored.meters[MeterKey("twice")].formula is not None
    again = plan_catalog(
        Documents(lists=formulas(twice="once * 2", once="builds")), stored=stored, at=NOW
    )
    assert isinstance(again, Done)
    assert {change.action for change in again.value.changes} == {Action.UNCHANGED}


def test_formulas_in_a_circle_are_refused() -> None:
    """Meters that name each other, or themselves, are told as unknown where they are named."""
    for texts in ({"a": "b + 1", "b": "a + 1"}, {"a": "a + 1"}):
        outcome = plan_catalog(Documents(lists=formulas(**texts)), stored=Catalog(), at=NOW)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == "unknown_name"
        assert outcome.problems[0].field == "meters[0].formula"


def test_a_meter_behind_a_priced_formula_may_not_change() -> None:
    """What a price bills is fixed, also where it is made of other meters."""
    declared = lists()
    declared["meters"] = [
        *declared["meters"],
        {"key": "source", "event_type": "ci.build", "aggregation": "count", "unit": "build"},
    ]
    declared["meters"][1] = {
        "key": "builds",
        "aggregation": "formula",
        "formula": "source * 2",
        "unit": "build",
    }
    changed = [declared["meters"][2] | {"event_type": "ci.other"}]
    outcome = plan_catalog(Documents(lists={"meters": changed}), stored=catalog(declared), at=NOW)
    assert isinstance(outcome, Refused)
    assert (outcome.problems[0].code, outcome.problems[0].field) == (
        "in_use",
        "meters[0].event_type",
    )


@pytest.mark.parametrize(
    ("effective_at", "allowed"),
    [("2026-06-01T00:00:01Z", True), ("2026-06-01T00:00:00Z", False), ("2026-01-01", False)],
)
def test_a_priced_meter_takes_versions_that_lie_ahead(effective_at: str, *, allowed: bool) -> None:
    """A version applies from its instant on; one in the past would alter what was billed."""

    def edit(changed: Lists) -> None:
        versions = [{"effective_at": effective_at, "value": "cpu.user"}]
        changed["meters"][0]["versions"] = versions

    outcome = planned(edit)
    assert isinstance(outcome, Done) is allowed, outcome


def test_refusals_have_their_place() -> None:
    """A refused change points at the field in the file that asks for it."""
    changed = lists()
    changed["plans"][0]["name"] = "Other"
    place = Place(file="plans.yaml", line=4, column=11, name_line=4, name_column=5)
    declared = Documents(lists=changed, places={"plans[0].name": place})
    outcome = plan_catalog(declared, stored=catalog(), at=NOW)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].message.startswith('plans.yaml:4:11 "name" may not change')


@pytest.mark.parametrize(
    ("meter", "refused"),
    [
        ({"event_type": "prometheus.calls_total", "aggregation": "counter"}, True),
        ({"event_type": "otlp.held", "aggregation": "time_weighted"}, True),
        ({"event_type": "otlp.held", "aggregation": "time_weighted", "dimensions": ["host"]}, True),
        ({"event_type": "otlp.held", "aggregation": "counter", "dimensions": ["series"]}, False),
        ({"event_type": "otlp.calls", "aggregation": "sum"}, False),
        ({"event_type": "host.cpu", "aggregation": "counter"}, False),
    ],
)
def test_counters_and_levels_of_metrics_are_told_apart_by_series(
    meter: dict[str, object], *, refused: bool
) -> None:
    """Without the dimension `series` several series would be taken for one; the line is named."""
    metric = {"key": "metric", "value": "value", "unit": "call", **meter}
    place = Place(file="meters.yaml", line=7, column=3, name_line=7, name_column=3)
    declared = Documents(lists={"meters": [metric]}, places={"meters[0]": place})
    outcome = plan_catalog(declared, stored=Catalog(), at=NOW)
    if not refused:
        assert isinstance(outcome, Done)
        return
    assert isinstance(outcome, Refused)
    (problem,) = outcome.problems
    assert (problem.code, problem.field) == ("series_missing", "meters[0].dimensions")
    assert "meters.yaml:7:" in problem.message


def test_a_metric_that_was_declared_without_series_stays() -> None:
    """What is stored already is not refused when it is applied again as it is."""
    metric = {"key": "metric", "value": "value", "unit": "call",
              "event_type": "otlp.held", "aggregation": "counter"}  # fmt: skip
    declared = Documents(lists={"meters": [metric]})
    read = catalog_from_documents(declared)
    assert isinstance(read, Done)
    assert isinstance(plan_catalog(declared, stored=read.value, at=NOW), Done)


def test_reading_stops_where_nobody_mends_more() -> None:
    """Each problem costs a comparison with all names: after two hundred the rest is not read."""
    wrong = [{"key": f"p{n}", "model": "unit", "meter": "nothing"} for n in range(5_000)]
    outcome = planned(lambda edited: edited["plans"][0]["prices"].extend(wrong))
    assert isinstance(outcome, Refused)
    assert len(outcome.problems) == 201
    assert outcome.problems[-1].code == "too_many_problems"
