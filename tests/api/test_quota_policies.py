"""Quota policies over HTTP: applied, given back in the same numbers, described by a schema."""

import json
from decimal import Decimal
from pathlib import Path

from tallystick.app.catalog import json_from_documents
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.kernel import Done
from tests.catalog.policies.schema_checker import faults
from tests.serving import Tenant

QUOTAS = Path(__file__).resolve().parents[2] / "docs" / "quotas"
PATH = "/v1/plans/pro/quota-policy"


def apply(tenant: Tenant) -> object:
    """Apply the policy with the features that it speaks of, and return it."""
    documents = read_catalog_files([QUOTAS / "features.yaml", QUOTAS / "quota-policy.yaml"])
    assert isinstance(documents, Done)
    answer = tenant.ask(
        "POST",
        "/v1/catalog/apply",
        content=json_from_documents(documents.value),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    return documents.value.lists["quota_policies"][0]


def test_a_policy_is_given_back_as_it_was_applied(tenant: Tenant) -> None:
    """Numbers stand in the answer as they were written; the answer fits the published schema."""
    policy = apply(tenant)
    answer = tenant.ask("GET", PATH)
    told = json.loads(answer.text, parse_float=Decimal)
    assert repr(told["policy"]) == repr(policy)
    assert (told["plan"], told["version"], told["untold"]) == ("pro", 1, [])
    assert "base_price: 299.00" in told["text"]
    schema = tenant.ask("GET", "/v1/schemas/quota-policy").json()
    assert list(faults(schema, told["policy"])) == []
    assert tenant.ask("GET", PATH, params={"version": 1}).status_code == 200
    for path in (f"{PATH}?version=2", "/v1/plans/max/quota-policy"):
        assert tenant.ask("GET", path).status_code == 404
