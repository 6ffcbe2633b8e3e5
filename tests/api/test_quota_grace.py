"""A grace in days goes on over the boundary of a window while the limit stays passed."""

from typing import Any

import pytest

from tests.api.test_clocks import advance, trial_of
from tests.api.test_quotas import ask, catalog, usage
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any
GRACE = {"limit": "25", "overage": {"action": "block", "grace": {"days": 7}}}


def stores(served: Served, aggregation: str) -> Tenant:
    """Return a workspace, days before a month ends, that measures what is stored."""
    tenant = trial_of(served, clock_at="2026-03-28T12:00:00Z")
    document: Json = catalog(stored=GRACE)
    meter = {"key": "stored", "event_type": "storage", "aggregation": aggregation}
    document["meters"].append({**meter, "value": "gb", "unit": "GB"})
    window = {"every": "month"}
    document["features"].append(
        {"key": "stored", "kind": "metered", "meter": "stored", "window": window}
    )
    tenant.apply(document)
    return tenant


def store(tenant: Tenant, gb: int, at: str) -> None:
    """Tell what is stored, and wait until it counts."""
    sent = {"id": at, "type": "storage", "subject": "acme", "time": at, "data": {"gb": gb}}
    tenant.send(sent)
    wait_until(lambda: usage(tenant, "stored")["used"] == str(gb), waiting_for="it", seconds_max=20)


def reason(tenant: Tenant) -> str:
    """Return why more may be stored, or not."""
    return str(ask(tenant, "check", "stored", quantity="1")["reason"])


@pytest.mark.parametrize("aggregation", ["max", "latest"])
def test_a_grace_goes_on_over_the_end_of_a_month(served: Served, aggregation: str) -> None:
    """Passed on 28 March and ever since: seven days end on 4 April, not on the eighth."""
    tenant = stores(served, aggregation)
    store(tenant, 27, "2026-03-28T12:00:00Z")
    assert reason(tenant) == "grace"
    advance(tenant, to="2026-04-01T06:00:00Z")
    reason(tenant)
    store(tenant, 28, "2026-04-01T06:00:00Z")
    assert reason(tenant) == "grace"
    advance(tenant, to="2026-04-04T13:00:00Z")
    assert reason(tenant) == "limit_reached"


def test_a_grace_begins_anew_where_less_was_stored_between(served: Served) -> None:
    """Below the limit when the month began, and beyond it again: seven days from then."""
    tenant = stores(served, "latest")
    store(tenant, 27, "2026-03-28T12:00:00Z")
    advance(tenant, to="2026-04-01T06:00:00Z")
    store(tenant, 5, "2026-04-01T06:00:00Z")
    store(tenant, 28, "2026-04-01T06:30:00Z")
    advance(tenant, to="2026-04-05T13:00:00Z")
    assert reason(tenant) == "grace"
