"""Contracts on their way to another plan version are listed; the log has a schema."""

import json
from datetime import timedelta

import pytest

from tallystick.app.subscriptions import MigratedContract, MigrationLog
from tallystick.cli import main
from tests.api.test_subscriptions import CATALOG, MIDNIGHT, change, run
from tests.serving import Tenant

AHEAD = (MIDNIGHT + timedelta(days=20)).isoformat()
PATH = "/v1/plan-migrations/running"


def test_a_migration_runs_until_it_takes_effect(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is agreed for later is listed by its own key's account alone, and gone once undone."""
    tenant.apply(CATALOG)
    run(tenant)
    assert tenant.ask("GET", PATH).json() == {"items": [], "next_cursor": ""}
    answer = change(tenant, {"plan": "team", "version": 1, "at": AHEAD})
    assert answer.status_code == 200, answer.text
    (one,) = tenant.ask("GET", PATH).json()["items"]
    assert (one["subscription"], one["account"]) == ("acme-basic", "acme")
    assert one["from"] == {"plan": "basic", "version": 1}
    assert one["to"] == {"plan": "team", "version": 1}
    assert one["change"] == answer.json()["id"]
    where = ("--url", tenant.url, "--key", tenant.token)
    assert main(["plan", "running", *where]) == 0
    assert "basic@1" in capsys.readouterr().out
    other = {"key": "other", "name": "Other", "zone": "UTC", "currency": "EUR"}
    tenant.apply({"accounts": [other]})
    for account, count in (("acme", 1), ("other", 0)):
        _, key = tenant.make_key("read", account=account)
        assert len(tenant.ask("GET", PATH, token=key).json()["items"]) == count
    back = f"/v1/subscriptions/acme-basic/changes/{one['change']}/withdraw"
    withdrawn = tenant.ask("POST", back, json={})
    assert withdrawn.status_code == 204, withdrawn.text
    assert tenant.ask("GET", PATH).json()["items"] == []


def test_a_change_of_today_runs_no_more(tenant: Tenant) -> None:
    """What has taken effect is done; what follows it begins where it led."""
    tenant.apply(CATALOG)
    run(tenant)
    now = {"plan": "team", "version": 1, "at": MIDNIGHT.isoformat()}
    assert change(tenant, now).status_code == 200
    assert tenant.ask("GET", PATH).json()["items"] == []
    assert change(tenant, {"plan": "basic", "version": 1, "at": AHEAD}).status_code == 200
    (one,) = tenant.ask("GET", PATH).json()["items"]
    assert (one["from"]["plan"], one["to"]["plan"]) == ("team", "basic")


def test_the_schema_names_what_a_log_holds(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """The published schema is the command's, and has each member of the log and no other."""
    published = tenant.ask("GET", "/v1/schemas/plan-migration-log").json()
    assert main(["plan", "log-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == published
    for each in (MigrationLog, MigratedContract):
        told = published["$defs"][each.__name__]
        assert set(told["properties"]) == set(each.__struct_encode_fields__)
        assert told["additionalProperties"] is False
