"""What accounts may use: whose counter counts, what contracts pool, what restrictions hold down."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.accounts import Account, ZoneChange
from tallystick.catalog import (
    AddOn,
    Alignment,
    ContractChange,
    Entitlement,
    Feature,
    FeatureKind,
    Overage,
    OverageAction,
    PlanVersion,
    RateUnit,
    Subscription,
    Window,
)
from tallystick.entitlements import (
    AccountEntitled,
    AccountFacts,
    ManualGrant,
    Restriction,
    RestrictionSource,
    Standing,
    billing_window,
    calendar_window,
    entitled_at,
    granted_text,
)
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    MeterKey,
    PlanKey,
    SubscriptionKey,
)
from tallystick.subscriptions import periods
from tests.invoicing.contract import day, fee, plan, subscribed
from tests.strategies import instants, intervals, zones

USERS = Feature(key="users", kind=FeatureKind.LEVEL, unit="user")
CALLS = Feature(key="calls", kind=FeatureKind.METERED, meter=MeterKey("calls"))
WEEKLY = replace(CALLS, key="weekly", window=Window(every=Interval(count=2, of=IntervalUnit.WEEK)))
ROLLING = replace(CALLS, key="rolling", window=Window(rolling=timedelta(hours=1)))
RATE = Feature(key="rate", kind=FeatureKind.RATE, per=RateUnit.MINUTE)
SSO = Feature(key="sso", kind=FeatureKind.SWITCH)
SUPPORT = Feature(key="support", kind=FeatureKind.VALUE)
FEATURES = {one.key: one for one in (USERS, CALLS, WEEKLY, ROLLING, RATE, SSO, SUPPORT)}
START, NOW = day("2026-03-01"), day("2026-03-10")
CORP = Account(
    key=AccountKey("corp"), name="Corp", zone="Europe/Berlin", currency="USD", invoiced=True
)
TEAM = replace(CORP, key=AccountKey("team"), parent=CORP.key, invoiced=False)
ABOVE = replace(CORP, key=AccountKey("above"))
BLOCKED = Overage(action=OverageAction.BLOCK)


def limit(feature: str, number: str | None, **more: object) -> Entitlement:
    """Return a grant of so much."""
    granted = Entitlement(feature=feature, limit=None if number is None else Decimal(number))
    return replace(granted, **more)  # type: ignore[arg-type] # fields of a grant, by name


def granting(name: str, *grants: Entitlement) -> PlanVersion:
    """Return a plan that grants."""
    return replace(plan(name, fee("1.00")), entitlements=grants)


def contract(of: PlanVersion, key: str = "pro", **more: object) -> Subscription:
    """Return a contract from March on."""
    found = replace(subscribed(of, START).basis.subscription, key=SubscriptionKey(key))
    return replace(found, **more)  # type: ignore[arg-type] # fields of a contract, by name


def facts(*line: Standing, plans: tuple[PlanVersion, ...] = ()) -> AccountFacts:
    """Return what decides for the first account of a line."""
    return AccountFacts(line=line, plans=plans, features=FEATURES)


def by_hand(
    grant: Entitlement, *, start: str = "2026-03-01", end: str | None = None
) -> ManualGrant:
    """Return a manual grant."""
    return ManualGrant(
        id=f"g-{start}",
        account=CORP.key,
        grant=grant,
        start=day(start),
        end=None if end is None else day(end),
        reason="r",
        granted_by="key:1",
    )


def restriction(feature: str = "", most: str | None = None, id_: str = "r") -> Restriction:
    """Return a restriction from March 5 to 20."""
    return Restriction(
        id=id_,
        account=CORP.key,
        feature=feature,
        limit=None if most is None else Decimal(most),
        reason="late",
        source=RestrictionSource.DUNNING,
        start=day("2026-03-05"),
        end=day("2026-03-20"),
    )


def found(known: AccountFacts, at: datetime = NOW) -> dict[str, AccountEntitled]:
    """Return what the account may use, by feature."""
    return {one.entitled.feature.key: one for one in entitled_at(known, at)}


def told(known: AccountFacts, at: datetime = NOW) -> dict[str, str]:
    """Return what the account may use, for people."""
    return {key: granted_text(one.entitled) for key, one in found(known, at).items()}


PRO = granting("pro", limit("users", "50"), limit("calls", "1000"))


def test_the_nearest_account_that_is_granted_holds_the_counter() -> None:
    """Team shares corp's calls, and counts the users that it was granted itself."""
    corp = Standing(account=CORP, contracts=(contract(PRO, "corp-pro"),))
    team = Standing(account=TEAM, grants=(by_hand(limit("users", "5")),))
    of_team, of_corp = (found(facts(*line, plans=(PRO,))) for line in ((team, corp), (corp,)))
    assert {key: (one.holder, one.contract) for key, one in of_team.items()} == {
        "calls": ("corp", "corp-pro"),
        "users": ("team", ""),
    }
    assert {one.holder for one in of_corp.values()} == {"corp"}
    assert told(facts(team, corp, plans=(PRO,)))["users"] == "5 user"


def test_what_is_taken_away_below_is_not_inherited() -> None:
    """An account whose users were switched off does not use those above it."""
    corp = Standing(account=CORP, contracts=(contract(PRO),))
    team = Standing(account=TEAM, grants=(by_hand(Entitlement(feature="users", enabled=False)),))
    assert told(facts(team, corp, plans=(PRO,)))["users"] == "off"


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (limit("users", "50"), limit("users", "20"), "70 user"),
        (limit("users", "50"), limit("users", None), "unlimited"),
        (limit("users", "50"), Entitlement(feature="users", enabled=False), "50 user"),
        (Entitlement(feature="users", enabled=False), limit("users", "50"), "50 user"),
        (Entitlement(feature="sso", enabled=False), Entitlement(feature="sso"), "on"),
        (
            Entitlement(feature="support", value="gold"),
            Entitlement(feature="support", value="tin"),
            "gold",
        ),
        (limit("rate", "300", burst=Decimal(60)), limit("rate", "100"), "400, 160 at once"),
        (
            limit("calls", "9", overage=Overage(action=OverageAction.CHARGE)),
            limit("calls", "1", overage=Overage(action=OverageAction.NOTIFY)),
            "10, then charged",
        ),
        (
            limit(
                "users", "9", overage=Overage(action=OverageAction.BLOCK, hard_limit=Decimal(12))
            ),
            limit("users", "3"),
            "12 user, then blocked, never beyond 15",
        ),
    ],
)
def test_contracts_of_one_account_pool(
    first: Entitlement, second: Entitlement, together: str
) -> None:
    """Limits add, no limit wins, a switch is on if any is, else the first contract decides."""
    one, two = granting("one", first), granting("two", second)
    standing = Standing(account=CORP, contracts=(contract(one, "a"), contract(two, "b")))
    known = facts(standing, plans=(one, two))
    assert list(told(known).values()) == [together]
    (entitled,) = found(known).values()
    assert entitled.contract == ("a" if first.enabled else "b")


def test_manual_grants_stand_over_contracts_in_order() -> None:
    """The one that begins later wins or adds, and holds until it ends."""
    standing = Standing(
        account=CORP,
        contracts=(contract(PRO),),
        grants=(
            by_hand(limit("users", "7", adds=True), start="2026-03-08"),
            by_hand(limit("users", "40"), start="2026-03-05", end="2026-03-12"),
        ),
    )
    known = facts(standing, plans=(PRO,))
    days = ("04", "05", "08", "12")
    assert [told(known, day(f"2026-03-{each}"))["users"] for each in days] == [
        "50 user",
        "40 user",
        "47 user",
        "57 user",
    ]


def test_the_strictest_restriction_holds_at_and_below_its_account() -> None:
    """Off before the lowest limit; what is granted less anyway is left; nothing before or after."""
    corp = Standing(
        account=CORP,
        contracts=(contract(PRO),),
        restrictions=(
            restriction("users", "20", "a"),
            restriction("users", "10", "b"),
            restriction("calls", "5000", "c"),
        ),
    )
    known = facts(Standing(account=TEAM), corp, plans=(PRO,))
    assert told(known) == {"users": "10 user", "calls": "1000"}
    held = found(known)["users"].restriction
    assert held is not None
    assert held.id == "b"
    assert found(known)["calls"].restriction is None
    assert told(known, day("2026-03-04")) == {"users": "50 user", "calls": "1000"}
    assert told(known, day("2026-03-20")) == {"users": "50 user", "calls": "1000"}
    off = replace(corp, restrictions=(*corp.restrictions, restriction(id_="z")))
    assert told(facts(off, plans=(PRO,))) == {"users": "off", "calls": "off"}


def test_a_restriction_to_a_lower_limit_blocks() -> None:
    """What a plan lets pass beyond its own limit does not pass a restriction."""
    lax = granting("lax", limit("users", "50", overage=Overage(action=OverageAction.CHARGE)))
    held = Standing(
        account=CORP, contracts=(contract(lax),), restrictions=(restriction("users", "10"),)
    )
    assert told(facts(held, plans=(lax,))) == {"users": "10 user"}


def test_windows_are_of_the_period_the_calendar_or_none() -> None:
    """Billing periods of the first contract, calendar windows of the payer, none that rolls."""
    features = ("calls", "weekly", "rolling", "users", "rate")
    pro = granting("pro", *(limit(each, "9") for each in features))
    standing = Standing(account=CORP, contracts=(contract(pro),))
    spans = {
        key: (one.window_start, one.window_end)
        for key, one in found(facts(standing, plans=(pro,))).items()
    }
    berlin = "Europe/Berlin"
    assert spans["calls"] == (START, day("2026-04-01", berlin))
    # Every second week, counted from the Monday of the first days of 1970.
    assert spans["weekly"] == (day("2026-03-09", berlin), day("2026-03-23", berlin))
    assert {spans["rolling"], spans["users"], spans["rate"]} == {(None, None)}
    alone = Standing(account=CORP, grants=(by_hand(limit("calls", "9")),))
    only = found(facts(alone))["calls"]
    assert (only.window_start, only.window_end) == (
        day("2026-03-01", berlin),
        day("2026-04-01", berlin),
    )


@given(zones(), intervals(), instants(), instants())
def test_a_billing_window_is_the_billing_period(
    zone: str, every: Interval, start: datetime, at: datetime
) -> None:
    """Found without walking from the start, it is the period that billing walks to."""
    start, at = min(start, at), max(start, at)
    if at - start > timedelta(days=400):
        at = start + (at - start) % timedelta(days=400)
    monthly = replace(PRO, interval=every, alignment=Alignment.CALENDAR)
    one = replace(contract(monthly), start=start)
    payer = replace(CORP, zone=zone)
    walked = [span for span in periods(one, [monthly], zone, through=at) if span.contains(at)]
    assert [billing_window(one, (monthly,), payer, at)] == walked


@given(zones(), zones(), instants(), st.timedeltas(-timedelta(days=90), timedelta(days=90)))
def test_calendar_windows_tile_time_through_a_move(
    zone: str, there: str, at: datetime, moved: timedelta
) -> None:
    """What a window ends with is what the next begins with, and each holds its instant."""
    payer = replace(CORP, zone=zone, zone_changes=(ZoneChange(zone=there, at=at + moved),))
    every = Interval(count=1, of=IntervalUnit.MONTH)
    window = calendar_window(every, payer, at)
    assert window.contains(at)
    assert calendar_window(every, payer, window.end).start == window.end
    before = window.end - timedelta(microseconds=1)
    assert calendar_window(every, payer, before) == window


def test_nothing_known_changes_before_valid_until() -> None:
    """Walking from one to the next finds every change, and ends where none is known."""
    seats = replace(granting("seats", limit("users", "5", adds=True)), add_on=True)
    taken = AddOn(plan=PlanKey("seats"), version=1, quantity=Decimal(2), until=day("2026-03-25"))
    one = contract(
        PRO,
        end=day("2026-05-15"),
        changes=(ContractChange(at=day("2026-03-15"), add_ons=(taken,)),),
    )
    standing = Standing(
        account=CORP,
        contracts=(one,),
        grants=(by_hand(limit("users", "7", adds=True), start="2026-03-20", end="2026-04-02"),),
        restrictions=(restriction("users", "10"),),
    )
    known = facts(standing, plans=(PRO, seats))
    at: datetime | None = START
    seen = []
    while at is not None:
        users = found(known, at).get("users")
        seen.append((at.date().isoformat()[5:], told(known, at).get("users", "-")))
        at = None if users is None else users.valid_until
    assert seen == [
        ("03-01", "50 user"),
        ("03-05", "10 user"),
        ("03-15", "10 user"),
        ("03-20", "67 user"),
        ("03-25", "57 user"),
        ("04-02", "50 user"),
        ("05-15", "-"),
    ]
