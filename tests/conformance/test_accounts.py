"""The store of accounts, resources and ownership on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tallystick.accounts import Account, Resource, Transfer, ownerships_of, spans_of
from tallystick.app import Caller
from tallystick.app.accounts import get_account, list_accounts, list_resources
from tallystick.app.subscriptions import get_subscription, list_subscriptions
from tallystick.kernel import AccountKey, Done, Outcome, Refused, ResourceKey, SubscriptionKey
from tests.catalogs import catalog
from tests.clock import NEW_YEAR
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

READER = Caller(workspace=WORKSPACE, actor="key:1", scopes=frozenset({"read"}))
ACME, DEV = AccountKey("acme"), AccountKey("acme-dev")


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with the usual catalog in it."""
    declared = catalog()
    with database.unit() as uow:
        uow.catalog.save_definitions(declared)
        uow.accounts.save_accounts(declared.accounts.values())
        uow.accounts.save_resources(declared.resources.values())
        uow.subscriptions.save_subscriptions(declared.subscriptions.values())
        uow.commit()
    return database


def test_everything_comes_back(filled: Database) -> None:
    """Accounts, resources, ownerships and subscriptions are read as they were written."""
    declared = catalog()
    with filled.unit() as uow:
        assert uow.accounts.load_accounts() == declared.accounts
        assert uow.accounts.load_resources() == declared.resources
        assert uow.subscriptions.load_subscriptions() == declared.subscriptions
        owned = [part for each in declared.resources.values() for part in ownerships_of(each)]
        assert list(uow.accounts.load_ownerships()) == owned
        assert uow.accounts.load_account(DEV) == declared.accounts[DEV]
        vm = ResourceKey("vm-1")
        assert uow.accounts.load_resource(vm) == declared.resources[vm]
        assert uow.accounts.load_account(AccountKey("x")) is None
        assert uow.accounts.load_resource(ResourceKey("x")) is None
        assert uow.subscriptions.load_subscription(SubscriptionKey("x")) is None
        assert uow.catalog.load_plan_version(*next(iter(declared.plan_versions)))
        assert uow.catalog.load_meter(next(iter(declared.meters)))
        assert uow.catalog.load_legal_entity("main") == declared.legal_entities["main"]


def test_ownerships_of_an_account_give_its_spans(filled: Database) -> None:
    """What is loaded for one account gives the same spans as all ownerships do."""
    with filled.unit() as uow:
        uow.accounts.save_resources([Resource(key=ResourceKey("acme"), account=DEV)])
        accounts = uow.accounts.load_accounts()
        everything = uow.accounts.load_ownerships()
        for key in accounts:
            own = uow.accounts.load_ownerships(key)
            assert spans_of(key, accounts, own) == spans_of(key, accounts, everything)


def test_ownership_does_not_overlap(filled: Database) -> None:
    """The database itself refuses two owners of one resource at one instant."""
    overlapping = """
    INSERT INTO ownership (workspace_id, resource, account, during)
    VALUES ('test', 'vm-1', 'acme', tstzrange('2026-01-31', '2026-02-02'))
    """
    with filled.connection() as connection:
        connection.execute("SELECT set_config('tallystick.workspace', 'test', false)")
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute(overlapping)


def test_saving_again_replaces(filled: Database) -> None:
    """A resource saved again has the new owners and none of the old."""
    later = NEW_YEAR + timedelta(days=90)
    moved = Resource(
        key=ResourceKey("vm-1"),
        account=DEV,
        started_at=NEW_YEAR,
        transfers=(Transfer(account=ACME, at=later),),
    )
    with filled.unit() as uow:
        uow.accounts.save_resources([moved])
        uow.commit()
    with filled.unit() as uow:
        assert uow.accounts.load_resource(moved.key) == moved


def test_of_a_subscription_only_the_end_changes(filled: Database) -> None:
    """The app may not touch anything else of a subscription that stands."""
    with filled.connection() as connection:
        connection.execute("SELECT set_config('tallystick.workspace', 'test', false)")
        connection.execute("UPDATE subscription SET ended_at = '2026-05-01'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE subscription SET started_at = '2026-01-01'")


@pytest.mark.parametrize("table", ["plan_version", "price_book", "catalog_unit"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET workspace_id = workspace_id", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_what_was_sold_stays(filled: Database, table: str, change: str) -> None:
    """Versions of plans and price books take no change, not even from the owner of the table."""
    with (
        filled.connection("tallystick_owner") as connection,
        pytest.raises(psycopg.errors.RestrictViolation),
    ):
        connection.execute(change.format(f"{table} CASCADE" if "TRUNC" in change else table))


def keys(outcome: Outcome[tuple[Account, ...]]) -> list[str]:
    """Return the keys of a list."""
    assert isinstance(outcome, Done)
    return [account.key for account in outcome.value]


def test_pages_of_accounts(filled: Database) -> None:
    """Lists go by key, from behind the one named, as many as asked for."""
    assert keys(list_accounts(READER, uow=filled.unit())) == ["acme", "acme-dev"]
    assert keys(list_accounts(READER, uow=filled.unit(), limit=1)) == ["acme"]
    assert keys(list_accounts(READER, uow=filled.unit(), after="acme")) == ["acme-dev"]


def test_a_bound_caller_sees_one_account(filled: Database) -> None:
    """A key of one account sees that account, its resources and subscriptions, and no other."""
    bound = replace(READER, account=DEV)
    assert keys(list_accounts(bound, uow=filled.unit())) == ["acme-dev"]
    assert isinstance(get_account(DEV, caller=bound, uow=filled.unit()), Done)
    sibling = get_account(ACME, caller=bound, uow=filled.unit())
    nobody = get_account(AccountKey("x"), caller=bound, uow=filled.unit())
    for refused in (sibling, nobody):
        assert isinstance(refused, Refused)
        assert refused.problems[0].code == "not_found"
    resources = list_resources(bound, uow=filled.unit())
    assert isinstance(resources, Done)
    assert [each.key for each in resources.value] == ["vm-1"]
    assert list_resources(bound, uow=filled.unit(), account=ACME) == Done([])
    assert list_subscriptions(bound, uow=filled.unit()) == Done([])
    assert list_subscriptions(bound, uow=filled.unit(), account=ACME) == Done([])
    hidden = get_subscription(SubscriptionKey("acme-pro"), caller=bound, uow=filled.unit())
    assert isinstance(hidden, Refused)


def test_resources_and_subscriptions_of_an_account(filled: Database) -> None:
    """A reader may ask for those of one account; a resource is listed for each of its owners."""
    for account in (ACME, DEV):
        found = list_resources(READER, uow=filled.unit(), account=account)
        assert isinstance(found, Done)
        assert [each.key for each in found.value] == ["vm-1"]
    subscribed = list_subscriptions(READER, uow=filled.unit(), account=ACME)
    assert isinstance(subscribed, Done)
    assert [each.key for each in subscribed.value] == ["acme-pro"]
    assert list_subscriptions(READER, uow=filled.unit(), account=DEV) == Done([])


def test_reading_needs_its_scope(filled: Database) -> None:
    """A key that only sends events reads nothing."""
    sender = replace(READER, scopes=frozenset({"ingest"}))
    refused: list[Outcome[object]] = [
        get_account(ACME, caller=sender, uow=filled.unit()),
        list_accounts(sender, uow=filled.unit()),
        list_resources(sender, uow=filled.unit()),
        list_subscriptions(sender, uow=filled.unit()),
        get_subscription(SubscriptionKey("acme-pro"), caller=sender, uow=filled.unit()),
    ]
    assert all(isinstance(outcome, Refused) for outcome in refused)


def test_other_workspaces_have_none(filled: Database) -> None:
    """Another workspace sees nothing of all this."""
    with filled.unit(OTHER_WORKSPACE) as uow:
        assert uow.accounts.load_accounts() == {}
        assert uow.accounts.load_resources() == {}
        assert uow.accounts.load_ownerships() == ()
        assert uow.subscriptions.load_subscriptions() == {}
        assert uow.catalog.load_definitions().plan_versions == {}
