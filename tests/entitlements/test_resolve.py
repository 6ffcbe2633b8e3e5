"""What layers grant together, and what a contract's layers are at an instant."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.catalog import (
    AddOn,
    Block,
    ContractChange,
    Entitlement,
    Feature,
    FeatureKind,
    Overage,
    OverageAction,
    PlanVersion,
    RateUnit,
    Subscription,
    Throttle,
)
from tallystick.entitlements import (
    Layer,
    entitled_text,
    feature_changes,
    layers_at,
    resolve,
)
from tallystick.kernel import PlanKey
from tests.invoicing.contract import day, fee, plan, subscribed, to_plan

USERS = Feature(key="users", kind=FeatureKind.LEVEL, unit="user")
SSO = Feature(key="sso", kind=FeatureKind.SWITCH)
SUPPORT = Feature(key="support", kind=FeatureKind.VALUE)
FEATURES = {each.key: each for each in (USERS, SSO, SUPPORT)}
START = day("2026-03-01")


def users(limit: str | None, *, adds: bool = False) -> Entitlement:
    """Return a grant of users."""
    return Entitlement(feature="users", limit=None if limit is None else Decimal(limit), adds=adds)


def off(feature: str) -> Entitlement:
    """Return that a feature is taken away."""
    return Entitlement(feature=feature, enabled=False)


def text(*grants: Entitlement, times: str = "1") -> str:
    """Return what layers of one grant each come to, for people."""
    layers = [Layer(name="l", grants=(one,), times=Decimal(times)) for one in grants]
    (found,) = resolve(FEATURES, layers)
    return entitled_text(found)


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        ([users("50")], "50 user"),
        ([users("50"), users("10", adds=True)], "60 user"),
        ([users("50"), users("40")], "40 user"),
        ([users("50"), off("users")], "off"),
        ([users("50"), off("users"), users("3", adds=True)], "3 user"),
        ([users(None), users("3", adds=True)], "unlimited"),
        ([users("3", adds=True)], "3 user"),
        ([users("50"), users(None)], "unlimited"),
        ([users("50"), users("0")], "0 user"),
        ([Entitlement(feature="sso")], "on"),
        ([Entitlement(feature="sso"), off("sso")], "off"),
        ([Entitlement(feature="support", value="gold")], "gold"),
    ],
)
def test_the_later_layer_wins_or_adds(grants: list[Entitlement], told: str) -> None:
    """What adds comes on top of what stands; anything else stands in its place."""
    assert text(*grants) == told


def test_an_add_on_adds_as_often_as_it_is_taken() -> None:
    """Five more, taken 2.5 times: 12.5; a limit that does not add is not multiplied."""
    assert text(users("5", adds=True), times="2.5") == "12.5 user"
    assert text(users("5"), times="2.5") == "5 user"


@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(1, 3)), min_size=1, max_size=6)
)
def test_sources_explain_the_limit(said: list[tuple[int, bool, int]]) -> None:
    """The numbers of the sources add up to the limit."""
    layers = [
        Layer(name=f"l{n}", grants=(users(str(limit), adds=adds),), times=Decimal(times))
        for n, (limit, adds, times) in enumerate(said)
    ]
    (found,) = resolve(FEATURES, layers)
    told = sum(Decimal(one.text.removeprefix("+ ")) for one in found.sources)
    assert found.limit == told


def granting(name: str, *grants: Entitlement, add_on: bool = False) -> PlanVersion:
    """Return a plan version that grants."""
    return replace(plan(name, fee("1.00")), entitlements=grants, add_on=add_on)


PRO = granting("pro", users("50"), Entitlement(feature="support", value="silver"))
TEAM = granting("team", users("200"), Entitlement(feature="sso"))
SEATS = granting("seats", users("5", adds=True), add_on=True)


def granted(contract: Subscription, at: str) -> dict[str, str]:
    """Return what a contract grants at an instant, for people."""
    layers = layers_at(contract, (PRO, TEAM, SEATS), day(at))
    return {each.feature.key: entitled_text(each) for each in resolve(FEATURES, layers)}


def contract(*changes: ContractChange) -> Subscription:
    """Return a contract on pro with changes."""
    return replace(subscribed(PRO, START).basis.subscription, changes=changes)


def test_entitlement_switches_at_the_instant() -> None:
    """One moment before the change the old plan grants, at it the new one."""
    changed = contract(to_plan(day("2026-03-11"), TEAM))
    before = layers_at(changed, (PRO, TEAM), day("2026-03-11") - timedelta(microseconds=1))
    assert [one.name for one in before] == ["plan pro@1", f"contract {changed.key}"]
    assert granted(changed, "2026-03-10") == {"users": "50 user", "support": "silver"}
    assert granted(changed, "2026-03-11") == {"users": "200 user", "sso": "on"}


def test_layers_are_plan_then_add_ons_then_contract() -> None:
    """An add-on taken twice adds to the plan; the contract's own grant stands over both."""
    taken = AddOn(plan=PlanKey("seats"), version=1, quantity=Decimal(2))
    changed = contract(
        ContractChange(at=day("2026-03-05"), add_ons=(taken,)),
        ContractChange(at=day("2026-03-10"), entitlements=(users("40"),)),
        ContractChange(at=day("2026-03-15"), entitlements=(users("7", adds=True),)),
        ContractChange(at=day("2026-03-20"), plan_entitlements=("users",)),
    )
    told = [granted(changed, f"2026-03-{each}")["users"] for each in ("04", "05", "10", "15", "20")]
    assert told == ["50 user", "60 user", "40 user", "67 user", "60 user"]


def test_a_contract_that_may_not_be_used_grants_nothing() -> None:
    """Before it begins, while it is blocked and after its end there is no layer; a pause keeps."""
    blocked = ContractChange(at=day("2026-03-05"), blocks=(Block(entitlement=True),))
    lifted = ContractChange(at=day("2026-03-08"), blocks=(Block(entitlement=False),))
    paused = ContractChange(at=day("2026-03-12"), paused=True)
    held = replace(contract(blocked, lifted, paused), end=day("2026-03-20"))
    assert granted(held, "2026-02-28") == {}
    assert granted(held, "2026-03-06") == {}
    assert granted(held, "2026-03-13")["users"] == "50 user"
    assert granted(held, "2026-03-20") == {}


def test_changes_name_what_becomes_of_each_feature() -> None:
    """What stays is left out; what nothing grants any more is none."""
    before, after = (
        layers_at(contract(to_plan(day("2026-03-11"), TEAM)), (PRO, TEAM), day(at))
        for at in ("2026-03-10", "2026-03-11")
    )
    found = [(c.feature.key, c.before, c.after) for c in feature_changes(FEATURES, before, after)]
    assert found == [
        ("sso", None, "on"),
        ("support", "silver", None),
        ("users", "50 user", "200 user"),
    ]
    assert feature_changes(FEATURES, before, before) == ()


SLOW = Overage(
    action=OverageAction.THROTTLE,
    throttle=Throttle(limit=Decimal(50), per=RateUnit.MINUTE),
    hard_limit=Decimal(60),
)
CHARGED = Overage(action=OverageAction.CHARGE)


@pytest.mark.parametrize(
    ("grants", "overage"),
    [
        ([replace(users("50"), overage=SLOW)], SLOW),
        ([replace(users("50"), overage=SLOW), users("40")], None),
        ([replace(users("50"), overage=SLOW), off("users")], None),
        (
            [replace(users("50"), overage=SLOW), users("10", adds=True)],
            replace(SLOW, hard_limit=Decimal(70)),
        ),
        (
            [replace(users("50"), overage=SLOW), replace(users("10", adds=True), overage=CHARGED)],
            CHARGED,
        ),
        ([users(None), replace(users("10", adds=True), overage=CHARGED)], None),
        ([replace(users("10", adds=True), overage=CHARGED)], CHARGED),
    ],
)
def test_who_states_the_limit_states_its_overage(
    grants: list[Entitlement], overage: Overage | None
) -> None:
    """What adds leaves it, but says another; a hard limit keeps its distance from the limit."""
    (found,) = resolve(FEATURES, [Layer(name="l", grants=(one,)) for one in grants])
    assert found.overage == overage


def test_a_burst_goes_with_the_rate_that_is_stated() -> None:
    """A plan's burst holds under what adds, and not under another rate."""
    rate = Feature(key="rate", kind=FeatureKind.RATE, per=RateUnit.MINUTE)
    plan_ = Entitlement(feature="rate", limit=Decimal(300), burst=Decimal(60))
    more = Entitlement(feature="rate", limit=Decimal(100), adds=True)
    other = Entitlement(feature="rate", limit=Decimal(100))
    bursts = []
    for second in (more, replace(more, burst=Decimal(90)), other):
        layers = [Layer(name="l", grants=(one,)) for one in (plan_, second)]
        (found,) = resolve({"rate": rate}, layers)
        bursts.append((found.limit, found.burst))
    assert bursts == [
        (Decimal(400), Decimal(60)),
        (Decimal(400), Decimal(90)),
        (Decimal(100), None),
    ]


def test_a_change_of_overage_alone_is_told() -> None:
    """The same 50 users, slowed before and charged after."""
    before = Layer(name="l", grants=(replace(users("50"), overage=SLOW),))
    after = Layer(name="l", grants=(replace(users("50"), overage=CHARGED),))
    (change,) = feature_changes(FEATURES, [before], [after])
    assert change.before == "50 user, then 50 each minute, never beyond 60"
    assert change.after == "50 user, then charged"
