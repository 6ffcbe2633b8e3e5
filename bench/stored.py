"""
An installation with many events, filled through the product's own import, kept for several groups.

A folder that was named stays: what it holds is read from its card, and filling goes on where it
ended. Events carry identities, so that a chunk sent twice after an interruption counts once.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Self

import clickhouse_connect
import httpx
import msgspec
import numpy as np
import pyarrow as pa

from bench.events import CUSTOMERS
from bench.generated import Chunk, Numbers, chunks, event_columns, time_as_text
from bench.installation import Installation
from tallystick.client import Client, Endpoint, Retry, arrow_batches

RUN = "stored"
SENDERS = 2
METER = {
    "key": "calls",
    "event_type": "api.request",
    "aggregation": "sum",
    "value": "value",
    "unit": "request",
}
Say = Callable[[str], None]
SECONDS_MAX = 3600


class Card(msgspec.Struct, kw_only=True):
    """
    What a folder holds.

    Attributes:
        planned: events in the end.
        events: so far, all counted.
        begun: what may be there already when filling was broken off.
        counts: events of each customer.
        halves: twice the sum of each customer's values.
    """

    planned: int
    events: int
    begun: int
    counts: list[int]
    halves: list[int]


class Stored:
    """A filled installation, the sums that must come out of it, and the table of a rival."""

    def __init__(self, server: Installation, planned: int, *, say: Say) -> None:
        self.server, self.say = server, say
        self._card = server.data.root / "bench.json"
        self._known = _card(self._card, planned)
        self.rival = clickhouse_connect.get_client(dsn=f"chdb://{server.data.root / 'rival'}")
        self.rival.command(
            "CREATE TABLE IF NOT EXISTS rival (subject String, time DateTime64(6, 'UTC'), "
            "value Decimal(38, 18)) ENGINE = MergeTree ORDER BY (subject, time) "
            "SETTINGS non_replicated_deduplication_window = 10000"
        )
        self.http = httpx.Client(base_url=server.url, headers=server.headers, timeout=120)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.rival.close()

    @property
    def planned(self) -> int:
        """Events that will be stored in the end."""
        return self._known.planned

    @property
    def events(self) -> int:
        """Events that are stored."""
        return self._known.events

    @property
    def begun(self) -> int:
        """Events that may be stored already, since filling was broken off."""
        return self._known.begun

    def count_of(self, customer: int) -> int:
        """Return how many events a customer has."""
        return self._known.counts[customer]

    def sum_of(self, customer: int | None) -> str:
        """Return the sum of a customer's values, or of all, as the product writes it."""
        known = self._known.halves
        halves = sum(known) if customer is None else known[customer]
        return f"{halves // 2}.5" if halves % 2 else str(halves // 2)

    def declare(self, accounts: list[str], *meters: Mapping[str, str]) -> None:
        """Apply the catalog: the meter of what is stored, others, and these accounts."""
        documents = [
            {"key": key, "name": key, "zone": "UTC", "currency": "USD", "invoiced": True}
            for key in accounts
        ]
        catalog = {"documents": {"meters": [METER, *meters], "accounts": documents}}
        answer = self.http.post("/v1/catalog/apply", json=catalog)
        assert answer.is_success, answer.text

    def fill(self, through: int) -> None:
        """Send events up to this number, into the rival's table too, and wait until they count."""
        known = self._known
        started, before, position = time.perf_counter(), known.events, 0
        todo = chunks(through, first=known.events, of=known.planned)
        while few := tuple(islice(todo, SENDERS)):
            known.begun = few[-1].first + len(few[-1].at)
            self._save()
            position = max(self._send(few))
            for chunk in few:
                self._into_rival(chunk)
                known.counts = _added(known.counts, chunk.customers, np.ones_like(chunk.halves))
                known.halves = _added(known.halves, chunk.customers, chunk.halves)
                known.events += len(chunk.at)
            self._save()
            rate = (known.events - before) / (time.perf_counter() - started)
            self.say(f"{known.events:,} of {through:,} events stored, {rate:,.0f}/s")
        if position:
            self.await_position(position)
            self._await_rollups(position)

    def _save(self) -> None:
        self._card.write_bytes(msgspec.json.encode(self._known))

    def _into_rival(self, chunk: Chunk) -> None:
        """Insert a chunk once, however often it is tried."""
        settings = {"insert_deduplicate": 1, "insert_deduplication_token": str(chunk.first)}
        self.rival.insert_arrow("rival", _typed(chunk), settings=settings)

    def _send(self, few: tuple[Chunk, ...]) -> list[int]:
        with ThreadPoolExecutor(SENDERS) as pool:
            return list(pool.map(self._send_one, few))

    def _send_one(self, chunk: Chunk) -> int:
        endpoint = Endpoint(url=self.server.url, key=self.server.token)
        retry = Retry(attempts_max=1000)
        last = 0
        with Client(endpoint, retry=retry, timeout_seconds=300) as client:
            for batch in arrow_batches(time_as_text(event_columns(chunk, run=RUN))):
                answer = client.send_batch(batch)
                assert answer.accepted + answer.duplicate == batch.events, answer
                last = answer.last_position or last
        return last

    def await_position(self, position: int) -> None:
        """Wait until events through this log position are readable."""
        for covered in self._gauge("projection_position"):
            self.say(f"loaded through position {covered:,.0f} of {position:,}")
            if covered >= position:
                return

    def _await_rollups(self, position: int) -> None:
        for rolled in self._gauge("rolled_up_position"):
            self.say(f"rolled up through position {rolled:,.0f} of {position:,}")
            if rolled >= position:
                return

    def _gauge(self, gauge: str) -> Iterator[float]:
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            lines = self.http.get("/metrics").raise_for_status().text.splitlines()
            yield next(float(x.split()[1]) for x in lines if x.startswith(f"tallystick_{gauge} "))
            time.sleep(0.5)
        message = f"{gauge} did not settle within {SECONDS_MAX} s"
        raise RuntimeError(message)


def _card(path: Path, planned: int) -> Card:
    if not path.exists():
        nothing = [0] * CUSTOMERS
        return Card(planned=planned, events=0, begun=0, counts=nothing, halves=nothing)
    card = msgspec.json.decode(path.read_bytes(), type=Card)
    if card.planned != planned:
        message = f"{path.parent} is for {card.planned:,} events; name another folder"
        raise SystemExit(message)
    return card


def _added(sums: list[int], customers: Numbers, numbers: Numbers) -> list[int]:
    whole = np.array(sums, np.int64)
    np.add.at(whole, customers, numbers)
    return [int(each) for each in whole]


def _typed(chunk: Chunk) -> pa.Table:
    columns = event_columns(chunk, run=RUN)
    tenths = pa.array(chunk.halves * 5).cast(pa.decimal128(19, 0))
    values = pa.compute.multiply(tenths, pa.scalar("0.1").cast(pa.decimal128(2, 1)))
    return pa.table(
        {
            "subject": columns["subject"],
            "time": columns["time"],
            "value": values.cast(pa.decimal128(38, 18)),
        }
    )
