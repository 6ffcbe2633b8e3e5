"""Grants by hand and restrictions are dated facts: tried first, recorded once, ended early."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tallystick.accounts import Account
from tallystick.app import Caller
from tallystick.app.entitlements import (
    GrantEntitlement,
    LiftRestriction,
    RestrictAccount,
    StandingChanged,
    WithdrawGrant,
    account_entitlements,
    grant_entitlement,
    lift_restriction,
    restrict_account,
    withdraw_grant,
)
from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.catalog import Catalog, Entitlement, Feature, FeatureKind
from tallystick.entitlements import RestrictionSource, entitled_text
from tallystick.kernel import AccountKey, Done, Outcome, Refused, SubscriptionKey, WorkspaceId
from tallystick.storage.postgres import PostgresUnitOfWork
from tallystick.subscriptions import Subscription
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database
from tests.invoicing.contract import fee, plan
from tests.invoicing.world import ENTITY

CORP, TEAM = AccountKey("corp"), AccountKey("team")
PRO = replace(
    plan("pro", fee("1.00")),
    entitlements=(
        Entitlement(feature="sso"),
        Entitlement(feature="users", limit=Decimal(50)),
    ),
)
PLUS_TEN = {"feature": "users", "limit": "10", "adds": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A workspace in which corp pays for team and has a contract of 50 users."""

    database: Database
    workspace: WorkspaceId
    clock: HandClock = field(default_factory=HandClock)

    @property
    def caller(self) -> Caller:
        """Return somebody who may do everything."""
        return Caller(workspace=self.workspace, actor="key:test", scopes=frozenset({"admin"}))

    def unit(self) -> PostgresUnitOfWork:
        """Return a fresh unit of work."""
        return PostgresUnitOfWork(self.database.pool, self.workspace)

    def uses(self, account: AccountKey = CORP, at: datetime | None = None) -> Mapping[str, str]:
        """Return what an account may use, for people."""
        with self.unit() as uow:
            found = account_entitlements(account, at=at or self.clock.now(), uow=uow)
        return {one.entitled.feature.key: entitled_text(one.entitled) for one in found}

    def grant(
        self, document: Mapping[str, object], *, key: str | None = None, **more: object
    ) -> Outcome[StandingChanged]:
        """Grant corp something, or tell why not."""
        command = GrantEntitlement(account=CORP, grant=document, reason="goodwill")
        return grant_entitlement(
            replace(command, **more),  # type: ignore[arg-type] # fields of a command, by name
            caller=replace(self.caller, idempotency_key=key),
            uow=self.unit(),
            clock=self.clock,
        )

    def restrict(self, **more: object) -> Outcome[StandingChanged]:
        """Restrict corp, or tell why not."""
        command = RestrictAccount(account=CORP, reason="late")
        return restrict_account(
            replace(command, **more),  # type: ignore[arg-type] # fields of a command, by name
            caller=self.caller,
            uow=self.unit(),
            clock=self.clock,
        )

    def withdraw(self, id_: str, **more: object) -> Outcome[StandingChanged]:
        """Withdraw a grant, or tell why not."""
        command = WithdrawGrant(grant=id_, reason="over")
        return withdraw_grant(
            replace(command, **more),  # type: ignore[arg-type] # fields of a command, by name
            caller=self.caller,
            uow=self.unit(),
            clock=self.clock,
        )

    def lift(self, id_: str, **more: object) -> Outcome[StandingChanged]:
        """Lift a restriction, or tell why not."""
        command = LiftRestriction(restriction=id_, reason="paid")
        return lift_restriction(
            replace(command, **more),  # type: ignore[arg-type] # fields of a command, by name
            caller=self.caller,
            uow=self.unit(),
            clock=self.clock,
        )


@pytest.fixture
def house(database: Database) -> House:
    """Lend a workspace with one contract."""
    made = House(database=database, workspace=WorkspaceId(f"h{uuid4().hex[:12]}"))
    features = (
        Feature(key="users", kind=FeatureKind.LEVEL, unit="user"),
        Feature(key="sso", kind=FeatureKind.SWITCH),
        Feature(key="beta", kind=FeatureKind.SWITCH),
    )
    corp = Account(key=CORP, name="Corp", zone="UTC", currency="USD", invoiced=True)
    with made.unit() as uow:
        kind = WorkspaceKind.LIVE
        uow.workspaces.add(
            Workspace(id=made.workspace, kind=kind, name="House", created_at=NEW_YEAR)
        )
        uow.catalog.save_definitions(
            Catalog(
                legal_entities={ENTITY.key: ENTITY},
                features={one.key: one for one in features},
                plan_versions={(PRO.plan, PRO.version): PRO},
            )
        )
        team = replace(corp, key=TEAM, parent=CORP, invoiced=False)
        uow.accounts.save_accounts([corp, team])
        uow.subscriptions.save_subscriptions(
            [
                Subscription(
                    key=SubscriptionKey("corp-pro"),
                    account=CORP,
                    plan=PRO.plan,
                    version=1,
                    legal_entity=ENTITY.key,
                    start=NEW_YEAR,
                    anchor=date(2026, 1, 1),
                )
            ]
        )
        uow.commit()
    return made


def done(outcome: Outcome[StandingChanged]) -> StandingChanged:
    """Return what was done; it must not have been refused."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def refused(outcome: Outcome[StandingChanged]) -> list[tuple[str, str | None]]:
    """Return why something was refused, with the fields."""
    assert isinstance(outcome, Refused), outcome
    return [(one.code, one.field) for one in outcome.problems]


def test_a_grant_holds_from_its_start_to_its_end(house: House) -> None:
    """Ten users more for a day that lies ahead, for the account and those that share its pool."""
    now = house.clock.now()
    start, end = now + timedelta(days=1), now + timedelta(days=2)
    changed = done(house.grant(PLUS_TEN, start=start, end=end))
    assert [(one.feature, one.before, one.after) for one in changed.features] == [
        ("users", "50 user", "60 user")
    ]
    for account in (CORP, TEAM):
        told = [house.uses(account, at)["users"] for at in (now, start, end)]
        assert told == ["50 user", "60 user", "50 user"]


def test_a_dry_run_writes_nothing(house: House) -> None:
    """It tells the same, without an id."""
    tried = done(house.grant({"feature": "beta"}, dry_run=True))
    assert (tried.id, tried.dry_run) == (None, True)
    assert [(one.feature, one.before, one.after) for one in tried.features] == [
        ("beta", None, "on")
    ]
    held = done(house.restrict(dry_run=True))
    assert {one.feature: one.after for one in held.features} == {"sso": "off", "users": "off"}
    assert house.uses() == {"sso": "on", "users": "50 user"}


def test_the_same_grant_sent_twice_is_one(house: House) -> None:
    """Under one key it has one effect and one answer; without, each sending is a grant."""
    first, second = (done(house.grant(PLUS_TEN, key="k")) for _ in range(2))
    assert first == second
    assert house.uses()["users"] == "60 user"
    done(house.grant(PLUS_TEN))
    assert house.uses()["users"] == "70 user"


def test_a_withdrawn_grant_ends_and_what_it_granted_stands(house: House) -> None:
    """Ended ahead, then sooner; the earliest end counts, and there is no second one."""
    grant = done(house.grant(PLUS_TEN)).id or ""
    now = house.clock.now()
    done(house.withdraw(grant, at=now + timedelta(days=9)))
    done(house.withdraw(grant, at=now + timedelta(days=1)))
    told = [house.uses(at=now + timedelta(days=each))["users"] for each in (0, 1)]
    assert told == ["60 user", "50 user"]
    assert refused(house.withdraw(grant, at=now + timedelta(days=2))) == [("already_ended", "at")]
    assert refused(house.withdraw(grant, at=now - timedelta(days=1))) == [("wrong_value", "at")]
    assert refused(house.withdraw("granted_none")) == [("unknown_grant", "grant")]


def test_a_restriction_holds_until_it_is_lifted(house: House) -> None:
    """At most 20 users for corp and team, then all again; all features off with none named."""
    held = done(house.restrict(feature="users", limit=Decimal(20)))
    assert house.uses(TEAM) == {"sso": "on", "users": "20 user"}
    lifted = done(house.lift(held.id or ""))
    assert [(one.before, one.after) for one in lifted.features] == [("20 user", "50 user")]
    assert house.uses() == {"sso": "on", "users": "50 user"}
    done(house.restrict(source=RestrictionSource.DUNNING))
    assert house.uses(TEAM) == {"sso": "off", "users": "off"}
    assert refused(house.lift(held.id or "")) == [("already_ended", "at")]


@pytest.mark.parametrize(
    ("document", "more", "found"),
    [
        ({"feature": "user"}, {}, ("unknown_reference", "feature")),
        ({"feature": "sso", "limit": "1"}, {}, ("wrong_value", "limit")),
        ({"feature": "users", "limit": "-1"}, {}, ("wrong_value", "limit")),
        (PLUS_TEN, {"reason": " "}, ("wrong_value", "reason")),
        (PLUS_TEN, {"reason": "x" * 501}, ("wrong_value", "reason")),
        (PLUS_TEN, {"end": NEW_YEAR - timedelta(days=1)}, ("wrong_value", "end")),
        (PLUS_TEN, {"start": NEW_YEAR + timedelta(days=4000)}, ("wrong_value", "start")),
        (PLUS_TEN, {"account": AccountKey("nobody")}, ("unknown_account", "account")),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    house: House,
    document: Mapping[str, object],
    more: Mapping[str, Any],
    found: tuple[str, str],
) -> None:
    """Each mistake is said at its field, and nothing is written."""
    assert refused(house.grant(document, **more)) == [found]
    assert house.uses() == {"sso": "on", "users": "50 user"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"limit": Decimal(1)}, ("wrong_value", "limit")),
        ({"feature": "users", "limit": Decimal(-1)}, ("wrong_value", "limit")),
        ({"feature": "sso", "limit": Decimal(1)}, ("wrong_value", "limit")),
        ({"feature": "user"}, ("unknown_feature", "feature")),
        ({"account": AccountKey("nobody")}, ("unknown_account", "account")),
    ],
)
def test_a_restriction_that_makes_no_sense_is_refused(
    house: House, more: Mapping[str, object], found: tuple[str, str]
) -> None:
    """Each mistake is said at its field, and nothing is written."""
    assert refused(house.restrict(**more)) == [found]
    assert house.uses() == {"sso": "on", "users": "50 user"}


def test_grants_and_restrictions_are_audited_and_told(house: House) -> None:
    """Each command writes one audit row and one message; who may not bill writes none."""
    grant = done(house.grant(PLUS_TEN))
    done(house.withdraw(grant.id or ""))
    held = done(house.restrict(feature="sso"))
    done(house.lift(held.id or ""))
    with house.unit() as uow:
        audited = uow.audit.waiting()
        messages = uow.outbox.page(after="", limit=10, state=None)
    assert audited == 4
    assert [one.topic for one in messages] == ["entitlement.changed"] * 4
    reader = replace(house.caller, scopes=frozenset({"read"}))
    command = GrantEntitlement(account=CORP, grant=PLUS_TEN, reason="r")
    outcome = grant_entitlement(command, caller=reader, uow=house.unit(), clock=house.clock)
    assert refused(outcome) == [("forbidden", "")]


def test_an_unknown_account_may_use_nothing(house: House) -> None:
    """It is not an error to ask."""
    assert house.uses(AccountKey("nobody")) == {}
