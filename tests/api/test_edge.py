"""What every answer shares: ids, trace, headers, one line in the log, one measurement."""

import re

import msgspec
import pytest

from tallystick.api.trace import request_id_from, trace_from
from tests.serving import Served, Tenant
from tests.waiting import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/meters", "/docs", "/openapi.json"])
def test_every_answer_is_guarded(tenant: Tenant, path: str) -> None:
    """Security headers stand on every answer; scripts come from here alone, never inline."""
    headers = tenant.ask("GET", path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


def test_answers_are_not_kept_unless_they_say_so(tenant: Tenant) -> None:
    """What a key sees stays out of caches."""
    assert tenant.ask("GET", "/v1/meters").headers["cache-control"] == "no-store"


def test_a_request_id_is_kept_or_made(tenant: Tenant) -> None:
    """A well-formed id comes back; anything else is replaced."""
    kept = tenant.ask("GET", "/healthz", headers={"x-request-id": "order-7"})
    assert kept.headers["x-request-id"] == "order-7"
    made = tenant.ask("GET", "/healthz", headers={"x-request-id": "a b"})
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-request-id"])


@pytest.mark.parametrize("text", [None, "", "a b", "a\nb", "-a", "ä", "x" * 129])
def test_unsafe_request_ids_are_replaced(text: str | None) -> None:
    """Only what may stand in a log line and in an audit row is repeated."""
    assert request_id_from(text) != text


def test_a_trace_is_continued(tenant: Tenant) -> None:
    """Same trace and flags, another parent; also on an error."""
    for path in ("/healthz", "/nowhere"):
        sent = f"00-{TRACE}-{PARENT}-01"
        answer = tenant.ask("GET", path, headers={"traceparent": sent}).headers["traceparent"]
        version, trace, parent, flags = answer.split("-")
        assert (version, trace, flags) == ("00", TRACE, "01")
        assert parent != PARENT


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"00-{TRACE}-{PARENT}",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
    ],
)
def test_a_malformed_trace_begins_anew(text: str | None) -> None:
    """What is not a trace context starts another trace."""
    begun = trace_from(text)
    assert begun.trace_id != TRACE
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", begun.traceparent)


def test_a_later_version_of_the_trace_is_understood() -> None:
    """A header of a later version may say more, and is continued as far as it is known."""
    assert trace_from(f"01-{TRACE}-{PARENT}-01-more").trace_id == TRACE


def test_requests_are_logged_as_json_without_secrets(served: Served, tenant: Tenant) -> None:
    """One object a line, with ids and actor; no key, no query, no body."""
    key, token = tenant.make_key("read")
    tenant.ask("GET", "/v1/meters?limit=7", token=token, headers={"x-request-id": f"r-{key}"})

    def lines() -> list[dict[str, object]]:
        text = served.log.read_text().splitlines()
        found = [msgspec.json.decode(line) for line in text if f"r-{key}" in line]
        return [line for line in found if isinstance(line, dict)]

    wait_until(lambda: bool(lines()), seconds_max=5, waiting_for="the line in the log")
    (line,) = lines()
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/meters", 200)
    assert line["actor"] == f"key:{key}"
    log = served.log.read_text()
    assert token not in log
    assert token.rpartition("_")[2] not in log
    assert "limit=7" not in log


def test_metrics_count_what_happened(tenant: Tenant) -> None:
    """Outcomes of events, positions, lag and durations by route are there for a Prometheus."""
    tenant.send({"id": "1"}, {"id": "1"}, {"id": "2", "time": "nope"})
    tenant.ask("GET", "/v1/accounts/unknown")
    answer = tenant.ask("GET", "/metrics", token="")
    assert answer.headers["content-type"].startswith("text/plain")
    values = dict(
        line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")
    )
    for outcome in ("accepted", "duplicate", "rejected"):
        assert int(float(values[f'tallystick_ingest_events_total{{outcome="{outcome}"}}'])) >= 1
    assert int(float(values["tallystick_log_position"])) >= 1
    gauges = ("projection_position", "projection_lag_seconds", "ingest_queue_depth")
    for name in (*gauges, "rolled_up_position"):
        assert f"tallystick_{name}" in values
    route = 'method="GET",route="/v1/accounts/{key}",status="404"'
    assert f"tallystick_http_request_seconds_count{{{route}}}" in values
    assert "unknown" not in "".join(values)


def test_methods_that_nobody_defined_share_a_series(tenant: Tenant) -> None:
    """A caller without a key cannot make series by inventing methods."""
    for number in range(3):
        tenant.ask(f"INVENT{number}", "/healthz", token="")
    text = tenant.ask("GET", "/metrics").text
    assert 'method="other"' in text
    assert "INVENT" not in text


def test_health_is_open_and_readiness_names_parts(tenant: Tenant) -> None:
    """Both answer without a key; readiness tells each part's state."""
    assert tenant.ask("GET", "/healthz", token="").json() == {"status": "ok"}
    ready = tenant.ask("GET", "/readyz", token="").json()
    parts = ("status", "log", "postgres", "projection")
    assert [ready[part] for part in parts] == ["ok"] * len(parts)
