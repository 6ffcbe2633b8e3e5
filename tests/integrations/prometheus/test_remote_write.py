"""Samples of remote write count once, made by hand and by a real Prometheus."""

import math
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.integrations.prometheus import unpack_snappy
from tallystick.kernel import Misuse
from tests import plain_http
from tests.integrations.collecting import collector
from tests.serving import Tenant, free_port
from tests.waiting import wait_until

PATH = "/v1/prometheus/write"
HEADERS = {"content-encoding": "snappy", "content-type": "application/x-protobuf"}
DAY = 1_768_435_200_000  # 2026-01-15T00:00:00Z, in milliseconds
MINUTE = 60_000
LONG_AGO = 400
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
                {"key": "spent", "event_type": "prometheus.spent",
                 "aggregation": "sum", "unit": "request", "value": "value"},
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


def test_long_fractions_are_refused_unless_rounding_is_declared(books: Tenant) -> None:
    """A float with 20 digits behind the point is a dead letter; declared, it is rounded to 18."""
    long = series([(DAY, 1.2345678901234567e-05)], __name__="spent", tenant="acme")
    write(books, long)
    (letter,) = books.ask("GET", "/v1/dead-letters").json()["items"]
    assert letter["code"] == "number_too_long"
    source = {"kind": "prometheus", "key": "shop", "subject": "{tenant}", "fractions": "round"}
    assert books.ask("POST", "/v1/sources", json=source).is_success
    write(books, long)
    await_quantity(books, "spent", "0.000012345678901235")


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


def configure(path: Path, books: Tenant, key: str, *, writes: bool) -> None:
    """Write a configuration: this server is scraped, and written to or not."""
    target = books.url.removeprefix("http://")
    written = f"""\
remote_write:
  - url: "{books.url}{PATH}?source=shop"
    authorization: {{credentials: "{key}"}}
    queue_config: {{batch_send_deadline: 1s}}
"""
    path.write_text(
        f"""\
global: {{scrape_interval: 1s, external_labels: {{tenant: acme}}}}
scrape_configs:
  - {{job_name: tallystick, static_configs: [{{targets: ["{target}"]}}]}}
{written if writes else ""}"""
    )


@contextmanager
def prometheus(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run the real Prometheus on `folder/prometheus.yml`; lend its process and address."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("needs prometheus (Debian: apt install prometheus)")
    port = free_port()
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def scraped_before(address: str, end: float) -> int:
    """Return how many samples of `up` a Prometheus holds before an instant."""
    answer = plain_http.get(f"{address}/api/v1/query", params={"query": "up[10m]"}).json()
    found = answer["data"]["result"]
    return sum(float(at) < end for each in found for at, _ in each["values"])


def test_a_real_prometheus_is_understood(books: Tenant, tmp_path: Path) -> None:
    """Prometheus scrapes this server and writes what it saw; each scrape is one `up`."""
    _, key = books.make_key("ingest")
    configure(tmp_path / "prometheus.yml", books, key, writes=True)
    with prometheus(tmp_path) as (_, address):
        wait_until(lambda: quantity(books, "up") >= 5, seconds_max=60, waiting_for="five scrapes")
        own = scraped_before(address, math.inf)
        assert quantity(books, "up") <= own + 2
    letters = books.ask("GET", "/v1/dead-letters").json()["items"]
    # Durations in seconds as floats may have more than 18 digits behind the point.
    assert {letter["code"] for letter in letters} <= {"number_too_long"}


def test_what_a_prometheus_did_not_write_is_pulled(books: Tenant, tmp_path: Path) -> None:
    """A time of which nothing was written is a hole: pulled again, each scrape once, or lost."""
    _, key = books.make_key("ingest")
    config = tmp_path / "prometheus.yml"
    configure(config, books, key, writes=True)
    with prometheus(tmp_path) as (process, address):
        source = {
            "kind": "prometheus", "key": "shop", "subject": "{tenant}", "url": address,
            "gap_seconds": 2, "metrics": ["up"],
        }  # fmt: skip
        assert books.ask("POST", "/v1/sources", json=source).is_success
        before = int(time.time())
        read = [
            {"first": before - back, "end": before - back + 10}
            for back in (LONG_AGO, LONG_AGO // 2)
        ]
        report = {"partitions": [{"partition": "seconds", "read": read}]}
        assert books.ask("POST", "/v1/sources/shop/progress", json=report).is_success
        wait_until(lambda: quantity(books, "up") >= 3, seconds_max=60, waiting_for="scrapes")
        configure(config, books, key, writes=False)
        process.send_signal(signal.SIGHUP)
        silent = time.time()
        wait_until(
            lambda: scraped_before(address, math.inf) >= scraped_before(address, silent) + 7,
            seconds_max=60,
            waiting_for="scrapes that are not written",
        )
        configure(config, books, key, writes=True)
        process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: len(seconds_of(books)["open"]) == 3, seconds_max=60, waiting_for="a third hole"
        )
        end = int(time.time())
        span = {**ASKED, "end": datetime.fromtimestamp(end, UTC).isoformat()}
        assert counted(books, span) < scraped_before(address, end)
        with collector(books, tmp_path, "shop"):
            wait_until(lambda: not seconds_of(books)["open"], seconds_max=60, waiting_for="no hole")
        wait_until(
            lambda: counted(books, span) == scraped_before(address, end),
            seconds_max=30,
            waiting_for="every scrape, once",
        )
    lost = [(span["first"], span["end"]) for span in seconds_of(books)["lost"]]
    assert lost[0] == (read[0]["end"], read[1]["first"]), "nobody scraped that long ago"
    assert all(end <= silent for _, end in lost)


def seconds_of(books: Tenant) -> dict[str, Any]:
    """Return which times of the source arrived."""
    partitions = books.ask("GET", "/v1/sources/shop").json()["partitions"]
    found: dict[str, Any] = next(each for each in partitions if each["partition"] == "seconds")
    return found


def counted(books: Tenant, span: dict[str, str]) -> int:
    """Return how many scrapes count in a span of time."""
    answer = books.ask("GET", "/v1/usage", params={"meter": "up", **span})
    assert answer.is_success, answer.text
    return sum(int(item["quantity"]) for item in answer.json()["items"])
