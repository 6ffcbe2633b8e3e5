"""
Events as columns, any number of them: seeded, in order of time, with the sums that must come out.

The same law as `bench.events`: 10,000 customers by Zipf with exponent 1.1, 20 sources, one type, a
value, a region and a method. Arrival follows the time of use, as in life: the events are spread
evenly over the first 20 days of November 2026. Values are halves, so that sums are whole numbers of
halves and are checked exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.events import CUSTOMERS, EXPONENT, METHODS, REGIONS

CHUNK = 200_000
START_MICROS = 1_793_491_200_000_000
"""2026-11-01T00:00:00Z."""
SPAN_MICROS = 20 * 86_400_000_000
VALUES = 64

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """
    Consecutive events.

    Attributes:
        first: number of the first, from 0.
        customers: whose each is; 0 has the most.
        at: microseconds since 1970.
        halves: twice the value.
    """

    first: int
    customers: Numbers
    at: Numbers
    halves: Numbers


def chunks(count: int, *, first: int = 0, of: int = 0, seed: int = 7) -> Iterator[Chunk]:
    """
    Yield events number `first` to `count`, both multiples of the chunk but for the last.

    Args:
        count: behind the last event.
        first: number of the first event.
        of: how many there will be in the end; they fill the span. 0: `count`.
        seed: of the run; each chunk has its own stream, so that any part comes out alone.
    """
    step = SPAN_MICROS // (of or count)
    shares = np.cumsum(1 / np.arange(1, CUSTOMERS + 1) ** EXPONENT)
    for start in range(first, count, CHUNK):
        chance = np.random.default_rng([seed, start])
        size = min(CHUNK, count - start)
        customers = np.searchsorted(shares, chance.random(size) * shares[-1])
        yield Chunk(
            first=start,
            customers=np.minimum(customers, CUSTOMERS - 1).astype(np.int64),
            at=START_MICROS + np.arange(start, start + size, dtype=np.int64) * step,
            halves=2 * chance.integers(0, VALUES, size) + 1,
        )


def event_columns(chunk: Chunk, *, run: str, kind: str = "api.request") -> pa.Table:
    """Return events with the columns of an import, all text but the time."""
    numbers = np.arange(chunk.first, chunk.first + len(chunk.at))
    values = pa.array(chunk.halves // 2).cast(pa.string())
    return pa.table(
        {
            "source": _joined("gateway/", numbers % 20),
            "id": _joined(f"{run}-", numbers),
            "type": pa.repeat(kind, len(numbers)),
            "subject": _joined("customer-", chunk.customers),
            "time": pa.array(chunk.at).cast(pa.timestamp("us", tz="UTC")),
            "data": pc.binary_join_element_wise(
                '{"value":', values, '.5,"region":"', _chosen(REGIONS, numbers),
                '","method":"', _chosen(METHODS, numbers), '"}', "",
            ),
        }
    )  # fmt: skip


def time_as_text(table: pa.Table) -> pa.Table:
    """Return the columns with the time as the gate takes it."""
    place = table.schema.get_field_index("time")
    texts = pc.strftime(table["time"], format="%Y-%m-%dT%H:%M:%SZ")
    return table.set_column(place, "time", texts)


def _joined(prefix: str, numbers: Numbers) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def _chosen(names: tuple[str, ...], numbers: Numbers) -> pa.Array:
    return pa.array(names).take(pa.array(numbers % len(names)))
