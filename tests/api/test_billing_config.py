"""How a workspace bills, as one document: from its catalog, by its schema, without secrets."""

import json
from pathlib import Path

from ruamel.yaml import YAML

from tests.api.test_usage_report import CATALOG
from tests.catalog.policies.schema_checker import faults
from tests.serving import Tenant
from tests.stories.installation import run_command

PATH = "/v1/billing-config"
IBAN = "DE02120300000000202051"


def test_a_configuration_is_that_of_the_catalog_without_secrets(tenant: Tenant) -> None:
    """Plans are as the catalog exports them; bank accounts stay out; the schema holds."""
    (entity,) = CATALOG["legal_entities"]
    bank = {"bank_account": {"holder": "Main", "iban": IBAN}}
    tenant.apply({**CATALOG, "legal_entities": [entity | bank]})
    answer = tenant.ask("GET", PATH)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    exported = tenant.ask("GET", "/v1/catalog/export").json()
    assert IBAN in json.dumps(exported)
    assert IBAN not in answer.text
    assert told["plan_definitions"] == exported["plans"]
    (issuer,) = told["payment_settings"]["legal_entities"]
    assert (issuer["key"], issuer["currency"]) == ("main", "USD")
    schema = tenant.ask("GET", "/v1/schemas/billing-config").json()
    assert list(faults(schema, told)) == []
    assert list(faults(schema, told | {"pricing_rules": []})) == ["$.pricing_rules"]
    written = run_command("billing-config", "--url", tenant.url, "--key", tenant.token)
    assert json.loads(written.out) == told, written.err


def test_plan_definitions_hold_to_their_schema(tenant: Tenant, tmp_path: Path) -> None:
    """What is exported does; a model that there is not, or a plan without version, does not."""
    tenant.apply(CATALOG)
    file = tmp_path / "plan-definitions.yaml"
    address = ("--url", tenant.url, "--key", tenant.token)
    written = run_command("plan", "export", "-o", str(file), *address)
    assert written.code == 0, written.err
    told = YAML(typ="safe").load(file)
    schema = tenant.ask("GET", "/v1/schemas/plan-definitions").json()
    assert json.loads(run_command("plan", "definitions-schema").out) == schema
    assert list(faults(schema, told)) == []
    (plan, *_) = told["plans"]
    plan["prices"][0]["model"] = "guess"
    assert list(faults(schema, told)) == ["$.plans[0].prices[0].model"]
    del plan["version"]
    assert "$.plans[0].version" in list(faults(schema, told))


def test_a_configuration_is_for_who_administers(tenant: Tenant) -> None:
    """A key that reads does not get it."""
    _, reader = tenant.make_key("read")
    assert tenant.ask("GET", PATH, token=reader).status_code == 403
