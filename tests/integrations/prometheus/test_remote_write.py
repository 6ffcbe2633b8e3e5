"""Samples of remote write count once, made by hand and by a real Prometheus."""

import shutil
import struct
import subprocess
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tallystick.integrations.prometheus import unpack_snappy
from tallystick.kernel import Misuse
from tests.serving import Tenant, free_port
from tests.waiting import wait_until

PATH = "/v1/prometheus/write"
HEADERS = {"content-encoding": "snappy", "content-type": "application/x-protobuf"}
DAY = 1_768_435_200_000  # 2026-01-15T00:00:00Z, in milliseconds
MINUTE = 60_000
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
ASKED = {"start": "2026-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z", "window": "total"}


@pytest.fixture
def books(tenant: Tenant) -> Tenant:
    """Lend a workspace with meters over samples."""
    unit = {"unit": "request", "value": "value", "dimensions": ["series"]}
    tenant.apply(
        {
            "meters": [
                {"key": "calls", "event_type": "prometheus.calls_total",
                 "aggregation": "counter", **unit},
                {"key": "held", "event_type": "prometheus.held",
                 "aggregation": "time_weighted", **unit},
                {"key": "up", "event_type": "prometheus.up", "aggregation": "count",
                 "unit": "request"},
            ],
            "accounts": [
                {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
            ],
        }
    )  # fmt: skip
    source = {"kind": "prometheus", "key": "shop", "subject": "{tenant}"}
    assert tenant.ask("POST", "/v1/sources", json=source).is_success
    return tenant


def varint(number: int) -> bytes:
    """Return a number as protobuf and snappy write it."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, content: bytes) -> bytes:
    """Return a field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def series(samples: list[tuple[int, float]], **labels: str) -> bytes:
    """Return a TimeSeries by the letter of the specification."""
    written = b"".join(
        field(1, field(1, name.encode()) + field(2, value.encode()))
        for name, value in labels.items()
    )
    for at, value in samples:
        written += field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(at))
    return field(1, written)


def snappy(content: bytes) -> bytes:
    """Return a snappy block of literals alone, which every reader must take."""
    out = varint(len(content))
    for start in range(0, len(content), 60):
        part = content[start : start + 60]
        out += bytes([(len(part) - 1) << 2]) + part
    return out


def write(books: Tenant, *content: bytes, status: int = 204) -> None:
    """Send a write request."""
    answer = books.ask(
        "POST", f"{PATH}?source=shop", content=snappy(b"".join(content)), headers=HEADERS
    )
    assert answer.status_code == status, answer.text


def quantity(books: Tenant, meter: str) -> Decimal:
    """Return what a meter has."""
    answer = books.ask("GET", "/v1/usage", params={"meter": meter, **ASKED})
    assert answer.is_success, answer.text
    return sum((Decimal(item["quantity"]) for item in answer.json()["items"]), Decimal(0))


def await_quantity(books: Tenant, meter: str, wanted: str) -> None:
    """Wait until a meter has a quantity."""
    wait_until(
        lambda: quantity(books, meter) == Decimal(wanted),
        seconds_max=30,
        waiting_for=f"{meter} {wanted}",
    )


def test_counters_count_once_and_over_restarts(books: Tenant) -> None:
    """10 to 10.3 is 0.3 though both are floats, a fall to 2 a restart, a retry nothing."""
    samples = [(DAY, 10.0), (DAY + MINUTE, 10.3), (DAY + 2 * MINUTE, 2.0)]
    for _ in range(2):
        write(books, series(samples, __name__="calls_total", tenant="acme"))
    await_quantity(books, "calls", "2.3")


def test_a_stale_series_ends_its_level_and_no_counter(books: Tenant) -> None:
    """A level ends with the staleness marker; a counter that comes back counts no restart."""
    gone = [(DAY, 3.0), (DAY + MINUTE, STALE)]
    write(books, series(gone, __name__="held", tenant="acme"))
    back = [(DAY, 100.0), (DAY + MINUTE, STALE), (DAY + 2 * MINUTE, 101.0)]
    write(books, series(back, __name__="calls_total", tenant="acme"))
    await_quantity(books, "held", "180")
    await_quantity(books, "calls", "1")


def test_what_is_no_quantity_is_left_out(books: Tenant) -> None:
    """NaN and infinities are no events; the samples beside them count."""
    odd = [(DAY, 3.0), (DAY + 1, float("nan")), (DAY + 2, float("inf")), (DAY + MINUTE, 0.0)]
    write(books, series(odd, __name__="held", tenant="acme"))
    await_quantity(books, "held", "180")
    assert books.ask("GET", "/v1/dead-letters").json()["items"] == []


def test_what_is_no_write_request_is_refused(books: Tenant) -> None:
    """Foreign bytes, a body without snappy, one that claims gigabytes: refused as such."""
    write(books, b"\xff\xff", status=400)
    huge = varint(2**34) + b"\x00a"
    for content in (b"\xff" * 20, huge, b""):
        answer = books.ask("POST", PATH, content=content, headers=HEADERS)
        assert answer.status_code == 400, answer.text
    assert books.ask("POST", PATH, content=b"").status_code == 415
    with pytest.raises(Misuse):
        unpack_snappy(snappy(b"a" * 100)[:-1], bytes_max=1000)


def test_a_real_prometheus_is_understood(books: Tenant, tmp_path: Path) -> None:
    """Prometheus scrapes this server and writes what it saw; each scrape is one `up`."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("needs prometheus (Debian: apt install prometheus)")
    _, key = books.make_key("ingest")
    port = free_port()
    config = tmp_path / "prometheus.yml"
    target = books.url.removeprefix("http://")
    config.write_text(
        f"""\
global: {{scrape_interval: 1s, external_labels: {{tenant: acme}}}}
scrape_configs:
  - {{job_name: tallystick, static_configs: [{{targets: ["{target}"]}}]}}
remote_write:
  - url: "{books.url}{PATH}?source=shop"
    authorization: {{credentials: "{key}"}}
    queue_config: {{batch_send_deadline: 1s}}
"""
    )
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (tmp_path / "log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_until(lambda: quantity(books, "up") >= 5, seconds_max=60, waiting_for="five scrapes")
        query = f"http://127.0.0.1:{port}/api/v1/query"
        kept = httpx.get(query, params={"query": "count_over_time(up[10m])"}).json()
        own = int(kept["data"]["result"][0]["value"][1])
        assert quantity(books, "up") <= own + 2
    finally:
        process.terminate()
        process.wait()
    letters = books.ask("GET", "/v1/dead-letters").json()["items"]
    # Durations in seconds as floats may have more than 18 digits behind the point.
    assert {letter["code"] for letter in letters} <= {"number_too_long"}
