"""Quota policies: a plan goes in as one and comes out equal, exactly, or is told why not."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import (
    Catalog,
    CatalogPlan,
    Documents,
    Grace,
    Overage,
    OverageAction,
    PlanVersion,
    RateUnit,
    Throttle,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
    policy_of_plan,
    policy_schema,
)
from tallystick.integrations.catalog_files import (
    policy_text,
    read_catalog_files,
    source_from_yaml,
)
from tallystick.kernel import Done, Outcome, PlanKey, PriceKey, Refused, instant
from tallystick.pricing import FlatPrice, PackagePrice, UnitPrice, rate
from tests.catalog.policies.schema_checker import faults

QUOTAS = Path(__file__).resolve().parents[3] / "docs" / "quotas"
NOW = instant("2026-06-01T00:00:00Z")
Change = Callable[[dict[str, Any]], object]


def files(*names: str) -> Documents:
    """Return the documents of files beside the page about quota policies."""
    found = read_catalog_files([QUOTAS / name for name in names])
    assert isinstance(found, Done), found
    return found.value


FEATURES = files("features.yaml").lists
POLICY = cast("dict[str, Any]", files("quota-policy.yaml").lists["quota_policies"][0])


def planned(policy: object, stored: Catalog | None = None) -> Outcome[CatalogPlan]:
    """Plan to apply a policy to a workspace that has the features."""
    documents = Documents(lists={**FEATURES, "quota_policies": [policy]})
    return plan_catalog(documents, stored=stored or Catalog(), at=NOW)


def applied(policy: object, stored: Catalog | None = None) -> Catalog:
    """Apply a policy; it must be accepted."""
    outcome = planned(policy, stored)
    assert isinstance(outcome, Done), outcome
    stores = outcome.value.stores
    before = stored or Catalog()
    return replace(
        before,
        meters={**before.meters, **stores.meters},
        features={**before.features, **stores.features},
        plan_versions={**before.plan_versions, **stores.plan_versions},
    )


def pro(catalog: Catalog, version: int = 1) -> PlanVersion:
    """Return a version of the plan."""
    return catalog.plan_versions[PlanKey("pro"), version]


def told(catalog: Catalog, version: int = 1) -> dict[str, Any]:
    """Return a version of the plan as a policy, as files have it."""
    found = policy_of_plan(pro(catalog, version), catalog.features, catalog.meters)
    assert found.untold == ()
    return as_read(policy_text(found.document))


def as_read(text: str) -> dict[str, Any]:
    """Return what a YAML text is read as."""
    source, wrong = source_from_yaml(text.encode(), file="x.yaml")
    assert not wrong
    assert isinstance(source.body, dict)
    return source.body


def changed(change: Change) -> dict[str, Any]:
    """Return the policy with a change."""
    policy = deepcopy(POLICY)
    change(policy)
    return policy


def written(value: object) -> str:
    """Return a document with its order and the scale of its numbers."""
    return repr(value)


def test_a_policy_comes_out_as_it_went_in() -> None:
    """Every field, in its order, every number in its scale; also once it was stored and read."""
    catalog = applied(POLICY)
    assert told(catalog) == POLICY
    assert written(told(catalog)) == written(POLICY)
    again = catalog_from_documents(catalog_documents(catalog))
    assert isinstance(again, Done)
    assert written(told(again.value)) == written(POLICY)
    text = policy_text(policy_of_plan(pro(catalog), catalog.features, catalog.meters).document)
    lines = (QUOTAS / "quota-policy.yaml").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.strip() for line in text.splitlines()] == [line.strip() for line in lines]


def test_a_policy_is_a_plan_with_limits_overage_and_prices() -> None:
    """299.00 a month; 0.0005 for each call beyond 500,000 and 2.00 for each GB beyond 25."""
    plan = pro(applied(POLICY))
    prices = {price.key: price for price in plan.prices}
    assert prices[PriceKey("base")].model == FlatPrice(amount=Decimal(299))
    assert prices[PriceKey("base")].cadence == "advance"
    calls, storage = prices[PriceKey("api-calls")], prices[PriceKey("storage")]
    assert (calls.model, calls.allowance) == (
        UnitPrice(unit_price=Decimal("0.0005")),
        Decimal(500_000),
    )
    assert (storage.model, storage.allowance, storage.unit) == (
        UnitPrice(unit_price=Decimal(2)),
        Decimal(25),
        "GB",
    )
    granted = {one.feature: one for one in plan.entitlements}
    assert granted["jobs"].limit == Decimal(10)
    assert granted["api-calls"].overage == Overage(
        action=OverageAction.THROTTLE,
        throttle=Throttle(limit=Decimal(50), per=RateUnit.MINUTE),
        offer=True,
    )
    assert granted["storage"].overage == Overage(
        action=OverageAction.BLOCK, operation="uploads", grace=Grace(days=7)
    )
    assert granted["users"].overage == Overage(
        action=OverageAction.BLOCK, operation="new_invites", offer=True
    )


@pytest.mark.parametrize(("many", "each"), [("1", "0.50"), ("100", "0.005"), ("1000", "0.0005")])
def test_a_rate_is_told_by_as_many_as_it_was_written(many: str, each: str) -> None:
    """0.50 by one call, by a hundred or by a thousand: another price of one, the same rate told."""

    def by_many(policy: dict[str, Any]) -> None:
        policy["billing"]["overage_rate"] = {f"api_calls_per_{many}": Decimal("0.50")}

    catalog = applied(changed(by_many))
    price = next(one for one in pro(catalog).prices if one.key == "api-calls")
    assert price.model == UnitPrice(unit_price=Decimal(each))
    assert written(told(catalog)) == written(changed(by_many))


@pytest.mark.parametrize(
    ("blocks", "calls", "cost"),
    [
        (False, 500_000, "0"),
        (False, 500_001, "0.0005"),
        (False, 501_500, "0.75"),
        (True, 500_000, "0"),
        (True, 500_001, "0.50"),
        (True, 501_000, "0.50"),
        (True, 501_500, "1.00"),
    ],
)
def test_a_rate_is_linear_unless_it_says_blocks(blocks: bool, calls: int, cost: str) -> None:  # noqa: FBT001 - a column
    """0.50 per 1,000: half a cent for ten calls, or 0.50 for each thousand begun."""

    def with_blocks(policy: dict[str, Any]) -> None:
        policy["billing"]["started_blocks"] = ["api_calls_per_1000"]

    policy = changed(with_blocks) if blocks else POLICY
    catalog = applied(policy)
    assert written(told(catalog)["billing"]) == written(
        {**POLICY["billing"], **({"started_blocks": ["api_calls_per_1000"]} if blocks else {})}
    )
    price = next(one for one in pro(catalog).prices if one.key == "api-calls")
    assert isinstance(price.model, PackagePrice) is blocks
    assert rate(price, Decimal(calls)).amount.value == Decimal(cost)


def test_the_same_policy_is_the_same_version() -> None:
    """Applied again nothing changes, also in another order; another limit is the next version."""
    catalog = applied(POLICY)

    def reordered(policy: dict[str, Any]) -> None:
        policy["entitlements"] = dict(reversed(policy["entitlements"].items()))
        policy["billing"]["base_price"] = 299

    for policy in (POLICY, changed(reordered)):
        outcome = planned(policy, catalog)
        assert isinstance(outcome, Done)
        assert {
            (one.name, one.action.value) for one in outcome.value.changes if one.of == "plans"
        } == {("pro@1", "unchanged")}
    more = applied(changed(lambda policy: policy["entitlements"].update(max_users=60)), catalog)
    assert told(more, 2)["entitlements"]["max_users"] == 60
    assert told(more, 1) == POLICY


def test_what_a_policy_cannot_say_is_not_lost() -> None:
    """A plan with thresholds is followed by no version made of a policy; it is told why."""
    catalog = applied(POLICY)
    richer = replace(pro(catalog), product="suite", payment_days=30)
    catalog = replace(catalog, plan_versions={(richer.plan, 1): richer})
    found = policy_of_plan(richer, catalog.features, catalog.meters)
    assert found.untold == ("product", "payment_days")
    assert as_read(policy_text(found.document)) == POLICY
    outcome = planned(POLICY, catalog)
    assert isinstance(outcome, Refused)
    assert [(one.code, one.field) for one in outcome.problems] == [
        ("untold", "quota_policies[0].plan_id")
    ]


def test_a_plan_of_the_catalog_is_told_as_a_policy() -> None:
    """Amounts in the scale of their currency, a rate for what is charged; the rest is named."""
    plan = {
        "key": "pro",
        "version": 1,
        "name": "Pro",
        "currency": "USD",
        "interval": "month",
        "proration": "second",
        "prices": [
            {"key": "fee", "model": "flat", "amount": "12.5", "cadence": "advance"},
            {"key": "setup", "model": "flat", "amount": "1", "cadence": "arrears"},
            {
                "key": "api-calls",
                "model": "unit",
                "unit_price": "0.0012345",
                "meter": "api-calls",
                "allowance": "10",
            },
        ],
        "entitlements": [
            {"feature": "api-calls", "limit": "10", "overage": {"action": "charge"}},
            {"feature": "users"},
            {"feature": "api-rate", "limit": "300", "burst": "60"},
        ],
    }
    outcome = catalog_from_documents(Documents(lists={**FEATURES, "plans": [plan]}))
    assert isinstance(outcome, Done), outcome
    catalog = outcome.value
    found = policy_of_plan(pro(catalog), catalog.features, catalog.meters)
    assert written(as_read(policy_text(found.document))) == written(
        {
            "plan_id": "pro",
            "plan_name": "Pro",
            "entitlements": {"max_api_calls_per_month": 10, "max_users": "unlimited"},
            "billing": {
                "model": "subscription",
                "cycle": "monthly",
                "base_price": Decimal("12.50"),
                "currency": "USD",
                "overage_rate": {"api_calls_per_1000": Decimal("1.2345")},
                "proration": True,
            },
        }
    )
    assert found.untold == (
        'what is granted of "api-rate" (off, added, a burst or a word)',
        'price "setup"',
        "proration by the second",
    )


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        (
            lambda p: p["entitlements"].update(max_seats=5),
            "entitlements.max_seats",
            "{key: seats, kind: level",
        ),
        (
            lambda p: p["entitlements"].update(max_mails_per_day=5),
            "entitlements.max_mails_per_day",
            "kind: metered, meter: METER, window: {every: day}",
        ),
        (
            lambda p: p["entitlements"]["features"].append("sso"),
            "entitlements.features[4]",
            "{key: sso, kind: switch}",
        ),
        (
            lambda p: p["entitlements"].update(max_users="many"),
            "entitlements.max_users",
            "a number",
        ),
        (
            lambda p: p["overage_policy"].update(seats={"action": "block"}),
            "overage_policy.seats",
            "not among what is limited",
        ),
        (
            lambda p: p["overage_policy"]["api_calls"].pop("throttle_rate"),
            "",
            '"throttle"',
        ),
        (
            lambda p: p["overage_policy"]["api_calls"].update(throttle_rate="50_per_hour"),
            "overage_policy.api_calls.throttle_rate",
            "50_per_minute",
        ),
        (
            lambda p: p["overage_policy"]["storage"].update(colour="red"),
            "overage_policy.storage.colour",
            "unknown field",
        ),
        (
            lambda p: p["billing"]["overage_rate"].update(users_per_1=5),
            "billing.overage_rate.users_per_1",
            "metered limit",
        ),
        (
            lambda p: p["billing"]["overage_rate"].update(api_calls_per_gb=5),
            "billing.overage_rate.api_calls_per_gb",
            "no unit of call",
        ),
        (
            lambda p: p["billing"].update(overage_rate={"api_calls_per_7": 1}),
            "billing.overage_rate.api_calls_per_7",
            "no exact price",
        ),
        (
            lambda p: p["billing"].update(started_blocks=["calls"]),
            "billing.started_blocks",
            "no overage rate",
        ),
        (lambda p: p["billing"].update(cycle="hourly"), "billing.cycle", "unknown word"),
        (lambda p: p["billing"].pop("base_price"), "billing.base_price", "missing"),
        (lambda p: p.pop("plan_name"), "plan_name", "missing"),
        (lambda p: p["billing"].update(currency="XXY"), "", "currency"),
    ],
)
def test_what_a_policy_gets_wrong_is_said_where_it_stands(
    change: Change, field: str, says: str
) -> None:
    """Each mistake names its field and what would be right, with something to declare."""
    outcome = planned(changed(change))
    assert isinstance(outcome, Refused)
    (problem,) = outcome.problems
    assert problem.field == ".".join(filter(None, ("quota_policies[0]", field)))
    assert says in problem.message


def test_two_features_of_one_policy_name_are_told_apart() -> None:
    """A name that two features answer to is refused where it is used."""
    twice = {"key": "members", "kind": "level", "policy_name": "users"}
    lists = {**FEATURES, "features": [*FEATURES["features"], twice], "quota_policies": [POLICY]}
    outcome = plan_catalog(Documents(lists=lists), stored=Catalog(), at=NOW)
    assert isinstance(outcome, Refused)
    assert [one.field for one in outcome.problems] == ["quota_policies[0].entitlements.max_users"]


def scaled(number: str) -> st.SearchStrategy[object]:
    """Return a number as somebody may write it."""
    return st.integers(0, 3).map(
        lambda places: Decimal(number + ("." + "0" * places) * bool(places))
    )


@given(st.randoms(use_true_random=False), scaled("299"), scaled("2"), st.data())
def test_any_order_and_scale_comes_out_as_it_went_in(
    random: Any,  # noqa: ANN401 - hypothesis does not say
    base: object,
    storage: object,
    data: st.DataObject,
) -> None:
    """Fields in any order, numbers with any zeros, what may be left out left out or not."""
    policy = deepcopy(POLICY)
    policy["billing"]["base_price"] = base
    policy["billing"]["overage_rate"]["storage_per_gb"] = storage
    if data.draw(st.booleans()):
        del policy["overage_policy"]["users"]["notification"]
    if data.draw(st.booleans()):
        del policy["overage_policy"]["api_calls"]
    if data.draw(st.booleans()):
        policy["overage_policy"]["storage"]["upgrade_prompt"] = data.draw(st.booleans())
    policy = shuffled(policy, random)
    random.shuffle(policy["entitlements"]["features"])
    as_file = as_read(policy_text(policy))
    assert written(told(applied(as_file))) == written(as_file)


def shuffled(value: dict[str, Any], random: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a document with the fields of each mapping in another order."""
    names = list(value)
    random.shuffle(names)
    return {
        name: shuffled(value[name], random) if isinstance(value[name], dict) else value[name]
        for name in names
    }


def test_the_schema_describes_policies() -> None:
    """The example fits the published schema, with its numbers as text too."""
    assert list(faults(policy_schema(), POLICY)) == []
    text = deepcopy(POLICY)
    text["billing"]["base_price"] = "299.00"
    assert list(faults(policy_schema(), text)) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda p: p.pop("plan_id"), "$.plan_id"),
        (lambda p: p.update(colour="red"), "$.colour"),
        (lambda p: p["entitlements"].update(seats=5), "$.entitlements.seats"),
        (lambda p: p["entitlements"].update(max_users=-1), "$.entitlements.max_users"),
        (lambda p: p["entitlements"].update(features="all"), "$.entitlements.features"),
        (
            lambda p: p["overage_policy"]["users"].update(action="refuse"),
            "$.overage_policy.users.action",
        ),
        (
            lambda p: p["overage_policy"]["api_calls"].update(throttle_rate="50"),
            "$.overage_policy.api_calls.throttle_rate",
        ),
        (
            lambda p: p["overage_policy"]["storage"].update(grace_period_days=366),
            "$.overage_policy.storage.grace_period_days",
        ),
        (lambda p: p["billing"].update(cycle="hourly"), "$.billing.cycle"),
        (lambda p: p["billing"].update(proration="yes"), "$.billing.proration"),
    ],
)
def test_what_breaks_the_schema_is_refused_too(change: Change, path: str) -> None:
    """Whatever the schema does not allow, applying does not either."""
    policy = changed(change)
    assert list(faults(policy_schema(), policy)) == [path]
    assert isinstance(planned(policy), Refused)
