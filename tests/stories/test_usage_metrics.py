"""The published usage metrics come out of real events, asked for at the beginning of 22 March."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.integrations.catalog_files import source_from_yaml
from tests.api.test_clocks import trial_of
from tests.catalog.policies.schema_checker import faults
from tests.forecasting.march import CALLS
from tests.serving import Served, Tenant
from tests.stories.installation import run_command
from tests.waiting import wait_until

EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "examples" / "usage-metrics.yaml"
ACCOUNT = "tenant-acme-corp-2026"
PATH = f"/v1/accounts/{ACCOUNT}/usage-metrics"
ASKED_AT = "2026-03-22T00:00:00Z"
# Feature, name for people, aggregation, limit.
LIMITS = (
    ("api-calls", "API call", "sum", "1000000"),
    ("storage-gb", "Storage", "latest", "100"),
    ("active-users", "Active user", "latest", "500"),
    ("compute-hours", "Compute hour", "sum", "2000"),
)
HOURS = (59, 60, 58, 59, 59, 60, 58, 59, 59, 60, 58, 59, 59, 60, 58, 59, 59, 60, 58, 59, 60)
CATALOG: dict[str, Any] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "USD"}],
    "units": ["use"],
    "meters": [
        {"key": key, "event_type": key, "aggregation": how, "value": "value", "unit": "use"}
        for key, _, how, _ in LIMITS
    ],
    "features": [
        {"key": key, "name": name, "kind": "metered", "meter": key} for key, name, _, _ in LIMITS
    ],
    "plans": [
        {
            "key": "enterprise",
            "version": 1,
            "name": "Enterprise",
            "currency": "USD",
            "interval": "month",
            "prices": [
                {"key": "base", "model": "flat", "amount": "2499.00", "cadence": "advance"},
                {
                    "key": "calls",
                    "model": "unit",
                    "meter": "api-calls",
                    "unit": "use",
                    "unit_price": "0.001",
                    "allowance": "1000000",
                },
            ],
            "entitlements": [{"feature": key, "limit": limit} for key, _, _, limit in LIMITS],
        }
    ],
    "accounts": [
        {"key": ACCOUNT, "name": "Acme", "zone": "UTC", "currency": "USD", "invoiced": True}
    ],
    "subscriptions": [
        {
            "key": "acme-enterprise",
            "account": ACCOUNT,
            "plan": "enterprise",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-03-01",
        }
    ],
}


def example() -> str:
    """Return the published document without its comment."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def read(text: str) -> object:
    """Return what a text says as YAML."""
    source, wrong = source_from_yaml(text.encode(), file="metrics.yaml")
    assert wrong == ()
    return source.body


def march(day: int) -> list[dict[str, object]]:
    """Return what was told of one day at its noon: 21 days make what the document says."""
    values: dict[str, object] = {
        "api-calls": CALLS[day],
        "storage-gb": "67.3" if day % 2 == 0 else "67.1",
        "active-users": 322 + day,
        "compute-hours": HOURS[day],
    }
    return [
        {
            "id": f"{kind}-{day}",
            "type": kind,
            "subject": ACCOUNT,
            "time": f"2026-03-{day + 1:02}T12:00:00Z",
            "data": {"value": value},
        }
        for kind, value in values.items()
    ]


@pytest.fixture
def acme(served: Served) -> Tenant:
    """Lend a test workspace at the beginning of 22 March, with 21 days of events."""
    tenant = trial_of(served, clock_at=ASKED_AT)
    tenant.apply(CATALOG)
    report = tenant.send(*(event for day in range(21) for event in march(day)))
    assert report["accepted"] == 84
    asked = {
        "meter": "api-calls", "start": "2026-03-01T00:00:00Z", "end": ASKED_AT, "account": ACCOUNT,
    }  # fmt: skip

    def counted() -> bool:
        (found,) = tenant.ask("GET", "/v1/usage", params=asked).json()["items"]
        return bool(found["quantity"] == "847293")

    wait_until(counted, waiting_for="the events", seconds_max=30)
    return tenant


@pytest.mark.shared
def test_the_published_document_comes_out_of_events(acme: Tenant) -> None:
    """Each line and number alike, with the projection of 25 March; it fits its schema."""
    answer = acme.ask("GET", PATH)
    assert answer.status_code == 200, answer.text
    told = json.loads(answer.text, parse_float=Decimal)
    text = told["text"]
    assert read(text) == read(example())
    assert sorted(text.splitlines()) == sorted(example().splitlines())
    schema = acme.ask("GET", "/v1/schemas/usage-metrics").json()
    assert list(faults(schema, told["metrics"])) == []
    assert list(faults(schema, told["metrics"] | {"status": "fine"})) == ["$.status"]
    assert told["metrics"]["billing_summary"]["total"] == Decimal("2499.00")


def test_another_account_sees_nothing_of_it(acme: Tenant) -> None:
    """A key of an account reads its own document alone."""
    other = {"key": "other", "name": "Other", "zone": "UTC", "currency": "USD", "invoiced": True}
    acme.apply({"accounts": [other]})
    _, own = acme.make_key("read", account=ACCOUNT)
    _, foreign = acme.make_key("read", account="other")
    assert acme.ask("GET", PATH, token=own).status_code == 200
    assert acme.ask("GET", PATH, token=foreign).status_code == 404
    without = acme.ask("GET", "/v1/accounts/other/usage-metrics", token=foreign)
    assert (without.status_code, "no contract" in without.text) == (404, True)


@pytest.mark.shared
def test_the_command_writes_the_document(acme: Tenant) -> None:
    """As YAML the same text, as JSON the same numbers to the cent."""
    where = ("usage-metrics", ACCOUNT, "--url", acme.url, "--key", acme.token)
    written = run_command(*where)
    assert (written.code, read(written.out)) == (0, read(example())), written.err
    as_json = run_command(*where, "--json")
    told = json.loads(acme.ask("GET", PATH).text, parse_float=Decimal)
    assert json.loads(as_json.out, parse_float=Decimal) == told["metrics"]


def test_a_long_period_has_metrics_without_a_projection(served: Served) -> None:
    """A period of three calendar years is told, in its first days and two years later."""
    tenant = trial_of(served, clock_at="2026-03-11T00:00:00Z")
    (plan,) = CATALOG["plans"]
    long = {**CATALOG, "plans": [plan | {"interval": {"count": 3, "of": "year"}}]}
    tenant.apply(long)
    for by in (None, "700d"):
        if by:
            tenant.ask("POST", "/v1/clock/advance", json={"by": by})
        answer = tenant.ask("GET", PATH)
        assert answer.status_code == 200, answer.text
        assert answer.json()["metrics"]["billing_period"] == "2026-03-01 to 2028-12-31"
        assert answer.json()["metrics"]["alerts"] == []
