"""The report of what an account used: by meter, day and dimension, with trend and charts."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tallystick.integrations.charts import chart_svg
from tests.api.test_clocks import trial_of
from tests.catalog.policies.schema_checker import faults
from tests.serving import Served, Tenant
from tests.stories.installation import run_command
from tests.waiting import wait_until

PATH = "/v1/accounts/acme/usage-report"
ZONE = {"zone": "America/New_York", "currency": "USD", "invoiced": True}
CATALOG: dict[str, Any] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "USD"}],
    "meters": [
        {"key": "calls", "event_type": "call", "aggregation": "sum", "value": "n", "unit": "call",
         "dimensions": [{"name": "region", "path": "region"}]},
        {"key": "stored", "event_type": "stored", "aggregation": "max", "value": "gb",
         "unit": "GB"},
    ],
    "features": [
        {"key": "api-calls", "kind": "metered", "meter": "calls"},
        {"key": "storage", "kind": "metered", "meter": "stored"},
    ],
    "plans": [
        {"key": "pro", "version": 1, "name": "Pro", "currency": "USD", "interval": "month",
         "prices": [{"key": "base", "model": "flat", "amount": "9", "cadence": "advance"}],
         "entitlements": [{"feature": "api-calls"}, {"feature": "storage", "limit": "25"}]}
    ],
    "accounts": [{"key": "acme", "name": "Acme", **ZONE}, {"key": "other", "name": "O", **ZONE}],
    "subscriptions": [
        {"key": "acme-pro", "account": "acme", "plan": "pro", "version": 1,
         "legal_entity": "main", "start": "2026-03-01"}
    ],
}  # fmt: skip


def used(day: int, kind: str, *, account: str = "acme", **data: object) -> dict[str, object]:
    """Return an event at 03:00 UTC, which is the evening before where acme is."""
    time = f"2026-03-{day:02}T03:00:00Z"
    return {"id": f"{account}-{kind}-{day}-{data.get('region', '')}", "type": kind,
            "subject": account, "time": time, "data": data}  # fmt: skip


@pytest.fixture
def acme(served: Served) -> Tenant:
    """Lend a workspace at noon of 7 March, in which acme used 20 more calls each day."""
    tenant = trial_of(served, clock_at="2026-03-07T17:00:00Z")
    tenant.apply(CATALOG)
    days = range(2, 8)
    told = tenant.send(
        *(used(day, "call", n=100 + 20 * day, region="eu") for day in days),
        *(used(day, "call", n=50, region="us") for day in days),
        *(used(day, "stored", gb=10 + day) for day in days),
        used(3, "call", n=7_000, region="eu", account="other"),
    )
    assert told["accepted"] == 19
    wait_until(
        lambda: bool(report(tenant)["position"] >= told["last_position"]),
        waiting_for="the events",
        seconds_max=30,
    )
    return tenant


def report(tenant: Tenant, **asked: str) -> dict[str, Any]:
    """Return the report, its numbers exact."""
    answer = tenant.ask("GET", PATH, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    return found


def test_a_report_tells_days_parts_and_trend_of_each_meter(acme: Tenant) -> None:
    """Days are the account's, parts have shares, the trend is of days that are over."""
    found = report(acme)
    assert found["period"] == "2026-03-01 to 2026-03-07"
    calls, stored = found["meters"]
    assert [(one["day"], one["quantity"]) for one in calls["days"]] == [
        *((f"2026-03-{day:02}", 170 + 20 * day) for day in range(1, 7)),
        ("2026-03-07", 0),
    ]
    assert (calls["total"], calls["features"]) == (1440, ["api-calls"])
    assert calls["breakdowns"] == [
        {
            "dimension": "region",
            "groups": [
                {"value": "eu", "quantity": 1140, "share_percent": Decimal("79.2")},
                {"value": "us", "quantity": 300, "share_percent": Decimal("20.8")},
            ],
        }
    ]
    assert calls["trend"] == {"direction": "increasing", "per_day": 20, "days": 6}
    assert (stored["total"], stored["adds"], stored["breakdowns"]) == (17, False, [])
    schema = acme.ask("GET", "/v1/schemas/usage-report").json()
    assert list(faults(schema, found)) == []
    assert list(faults(schema, found | {"zone": None})) == ["$.zone"]


def test_charts_of_a_report_can_be_drawn(acme: Tenant) -> None:
    """Each chart is a Vega-Lite spec with its own data, for sums and for levels."""
    for one in acme.ask("GET", PATH).json()["meters"]:
        assert "vega-lite" in one["chart"]["$schema"]
        assert "2026-03-07" in chart_svg(one["chart"])


def test_days_and_meters_can_be_named(acme: Tenant) -> None:
    """Days are inclusive and end today; what cannot be reported is refused with the reason."""
    found = report(acme, start="2026-03-02", end="2026-03-03", meters="calls")
    assert (found["period"], len(found["meters"])) == ("2026-03-02 to 2026-03-03", 1)
    assert found["meters"][0]["total"] == 210 + 230
    wrong = (
        ({"start": "2026-03-04", "end": "2026-03-03"}, 422, "wrong_value"),
        ({"start": "2025-01-01"}, 422, "wrong_value"),
        ({"meters": "nothing"}, 404, "not_found"),
    )
    for asked, status, code in wrong:
        answer = acme.ask("GET", PATH, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_an_account_reads_its_own_report(acme: Tenant) -> None:
    """A key of an account gets its own, and of another nothing."""
    _, own = acme.make_key("read", account="acme")
    _, foreign = acme.make_key("read", account="other")
    assert acme.ask("GET", PATH, token=own).json()["meters"][0]["total"] == 1440
    assert acme.ask("GET", PATH, token=foreign).status_code == 404


def test_the_command_writes_the_report(acme: Tenant) -> None:
    """As JSON it is the document, else a table of the meters."""
    where = ("usage-report", "acme", "--url", acme.url, "--key", acme.token)
    written = run_command(*where, "--json")
    document, asked = json.loads(written.out, parse_float=Decimal), report(acme)
    # The log is of all workspaces, and goes on.
    assert document.pop("position") <= asked.pop("position")
    assert document == asked, written.err
    assert "increasing" in run_command(*where).out
