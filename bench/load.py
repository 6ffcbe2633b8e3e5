"""
The load generator: keep-alive connections that send prepared requests as fast as they are answered.

It runs in a process of its own, so that its CPU does not count as the server's, and answers with
the statuses it saw, the latencies, and its own CPU seconds. The number of requests is fixed before.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvloop

STATUS_LINE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run of requests showed; latencies ascend."""

    seconds: float
    cpu_seconds: float
    statuses: dict[int, int]
    latencies: list[float]

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the requests did not exceed, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def send(
    url: str,
    headers: dict[str, str],
    bodies: Sequence[bytes],
    *,
    connections: int,
    requests_per_second: float = 0,
) -> Load:
    """Post bodies over so many connections from another process; return what it saw; 0: unpaced."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_run, (url, headers, list(bodies), connections, requests_per_second))


def _run(
    url: str, headers: dict[str, str], bodies: list[bytes], connections: int, pace: float
) -> Load:
    return uvloop.run(_send_all(url, headers, bodies, connections, pace))


async def _send_all(
    url: str, headers: dict[str, str], bodies: list[bytes], connections: int, pace: float
) -> Load:
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode()
    requests = [b"%s\r\ncontent-length: %d\r\n\r\n%s" % (head, len(b), b) for b in bodies]
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    pairs = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(connections)]
    started, cpu = time.perf_counter(), time.process_time()
    paced = _paced(requests, pace)
    await asyncio.gather(*(_drain(pair, paced, statuses, latencies) for pair in pairs))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    for _, writer in pairs:
        writer.close()
    return Load(
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        statuses=dict(statuses),
        latencies=sorted(latencies),
    )


def _paced(requests: list[bytes], pace: float) -> Iterator[tuple[bytes, float]]:
    """Yield each request once, whoever asks, with the instant at which it is due."""
    started = time.perf_counter()
    for number, request in enumerate(requests):
        yield request, started + number / pace if pace else started


async def _drain(
    pair: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    requests: Iterator[tuple[bytes, float]],
    statuses: Counter[int],
    latencies: list[float],
) -> None:
    reader, writer = pair
    for request, due in requests:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - started)
        statuses[int(head[9:STATUS_LINE_BYTES])] += 1
