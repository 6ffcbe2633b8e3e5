"""
The events of the benchmarks: seeded, about 200 bytes as JSON, customers by a Zipf law.

10,000 customers with exponent 1.1; 20 sources; one type; a value, a region (5) and a method (4).
"""

import random
from itertools import accumulate

CUSTOMERS = 10_000
EXPONENT = 1.1
REGIONS = ("eu-central", "eu-west", "us-east", "us-west", "ap-south")
METHODS = ("GET", "POST", "PUT", "DELETE")
EVENT = (
    '{"specversion":"1.0","id":"%s-%09d","source":"gateway/%d","type":"api.request",'
    '"subject":"customer-%d","time":"2026-11-%02dT%02d:%02d:%02d.%06dZ",'
    '"data":{"value":%d.5,"region":"%s","method":"%s"}}'
)


def event_texts(count: int, *, run: str, seed: int = 7) -> list[str]:
    """Return events as JSON texts; `run` keeps the ids of separate runs apart."""
    chance = random.Random(seed)
    weights = list(accumulate(1 / (rank**EXPONENT) for rank in range(1, CUSTOMERS + 1)))
    customers = chance.choices(range(CUSTOMERS), cum_weights=weights, k=count)
    whole = chance.getrandbits
    return [
        EVENT
        % (
            run,
            number,
            number % 20,
            customer,
            1 + number % 20,
            number % 24,
            number % 60,
            whole(5),
            whole(19),
            whole(6),
            REGIONS[number % 5],
            METHODS[number % 4],
        )
        for number, customer in enumerate(customers)
    ]


def batches(texts: list[str], size: int) -> list[bytes]:
    """Return JSON arrays of so many events each."""
    return [f"[{','.join(texts[at : at + size])}]".encode() for at in range(0, len(texts), size)]
