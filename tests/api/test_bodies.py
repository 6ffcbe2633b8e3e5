"""Bodies are unpacked within bounds, or refused."""

import asyncio
import gzip
from typing import Any

import pytest
import zstandard

from tallystick.api.bodies import BodyBudget, read_body, unpack_gzip, unpack_zstd
from tallystick.api.problems import HttpProblem

LIMIT = 1_000_000
TEXT = b"a line of usage\n" * 1000
ZSTD = zstandard.ZstdCompressor()
WIDE = zstandard.ZstdCompressor(
    compression_params=zstandard.ZstdCompressionParameters(window_log=27)
)
UNPACK = {"gzip": unpack_gzip, "zstd": unpack_zstd}
PACK = {"gzip": gzip.compress, "zstd": ZSTD.compress}


@pytest.mark.parametrize("encoding", UNPACK)
def test_what_was_packed_comes_out(encoding: str) -> None:
    """One member or frame, several, and an empty one."""
    pack, unpack = PACK[encoding], UNPACK[encoding]
    assert unpack(pack(TEXT), LIMIT) == TEXT
    assert unpack(pack(TEXT) + pack(b"") + pack(b"more"), LIMIT) == TEXT + b"more"
    assert unpack(pack(b"x" * LIMIT), LIMIT) == b"x" * LIMIT


@pytest.mark.parametrize("encoding", UNPACK)
@pytest.mark.parametrize("size", [LIMIT + 1, 300_000_000])
def test_a_bomb_is_refused(encoding: str, size: int) -> None:
    """A body that unpacks to more than the limit ends the request with 413."""
    with pytest.raises(HttpProblem) as refused:
        UNPACK[encoding](PACK[encoding](bytes(size)), LIMIT)
    assert refused.value.status == 413


def test_many_small_members_are_a_bomb_too() -> None:
    """The limit holds for the sum over all members and frames."""
    for encoding, unpack in UNPACK.items():
        with pytest.raises(HttpProblem):
            unpack(PACK[encoding](bytes(LIMIT // 3)) * 4, LIMIT)


@pytest.mark.parametrize("encoding", UNPACK)
@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_truncated_body_is_refused(encoding: str, cut: int) -> None:
    """Half a body is not taken for a whole one."""
    with pytest.raises((HttpProblem, zstandard.ZstdError)) as refused:
        UNPACK[encoding](PACK[encoding](TEXT)[:-cut], LIMIT)
    if isinstance(refused.value, HttpProblem):
        assert refused.value.status == 400


def test_a_wide_window_is_refused() -> None:
    """A frame may not ask for 128 MiB of memory before it says anything."""
    stream = WIDE.compressobj()
    frame = stream.compress(TEXT) + stream.flush()
    with pytest.raises(zstandard.ZstdError):
        unpack_zstd(frame, LIMIT)


def test_a_body_that_does_not_end_gives_back_what_it_held() -> None:
    """Who begins bodies and sends no more cannot keep the budget from everybody else."""
    budget = BodyBudget(100)
    begun = [{"type": "http.request", "body": b"x" * 90, "more_body": True}]

    async def receive() -> Any:  # noqa: ANN401 - an ASGI message
        if not begun:
            await asyncio.Event().wait()
        return begun.pop()

    reading = read_body({}, receive, bytes_max=100, budget=budget, seconds_max=0.05)
    with pytest.raises(HttpProblem) as refused:
        asyncio.run(reading)
    assert (refused.value.status, budget.bytes_used) == (408, 0)


def test_a_budget_gives_back_what_it_lent() -> None:
    """Bodies in flight are bounded in sum; 503 says when to come again."""
    budget = BodyBudget(10)
    budget.claim(6)
    with pytest.raises(HttpProblem) as refused:
        budget.claim(5)
    assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "1"})
    budget.release(6)
    budget.claim(10)
