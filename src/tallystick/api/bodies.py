"""
Reads a request body: bounded before, while and after it is unpacked.

A body may be sent as it is, or packed with gzip or zstd. The limit holds for the bytes that
arrive and for the bytes that come out: unpacking stops as soon as there are too many, so that a
small body which unpacks to gigabytes costs no more than the limit. A budget over all requests in
flight bounds the memory of many large bodies at once; when it is used up, new ones are answered
503 with `Retry-After`. A body that was begun must end in time, so that nobody holds the budget by
sending no more.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from typing import Any

import zstandard
from litestar.types import Receive

from tallystick.api.problems import HttpProblem

THREAD_FROM_BYTES = 16 * 1024
ZSTD_SLICE_BYTES = 1024  # one slice unpacks to at most 32 MiB: 128 KiB for each 4 bytes of a run
ZSTD_WINDOW_BYTES_MAX = 32 * 1024 * 1024
GZIP_WINDOW_BITS = 31
GZIP_MEMBERS_MAX = 1000
ENCODINGS = "gzip, zstd"
BODY_SECONDS_MAX = 120  # 32 MiB at 2.3 Mbit/s


class BodyBudget:
    """How many bytes of bodies may be in memory at once."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.bytes_used = 0

    def claim(self, count: int) -> None:
        """Take `count` bytes, or end the request with 503."""
        if self.bytes_used + count > self.bytes_max:
            message = "Too many large bodies are being read at once; try again."
            raise HttpProblem(503, "unavailable", message, headers={"retry-after": "1"})
        self.bytes_used += count

    def release(self, count: int) -> None:
        """Give `count` bytes back."""
        self.bytes_used -= count


async def read_body(
    headers: dict[bytes, bytes],
    receive: Receive,
    *,
    bytes_max: int,
    budget: BodyBudget,
    seconds_max: float = BODY_SECONDS_MAX,
) -> bytes:
    """
    Return the unpacked body; the caller gives `len(body)` bytes back to the budget.

    Raises: HttpProblem: 413 over the limit, 415 for an unknown encoding, 400 for a damaged one,
        408 for one that does not end, 503 when the budget is used up.
    """
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > bytes_max:
        raise too_large(bytes_max)
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in {b"identity", b"", b"gzip", b"x-gzip", b"zstd"}:
        message = f"Content-Encoding must be one of: {ENCODINGS}."
        raise HttpProblem(
            415, "unsupported_encoding", message, headers={"accept-encoding": ENCODINGS}
        )
    limits = _Limits(
        bytes_max=bytes_max,
        seconds_max=seconds_max,
        bytes_declared=int(declared) if declared.isdigit() else None,
    )
    packed = await _receive_all(receive, budget=budget, limits=limits)
    if encoding in {b"identity", b""}:
        return packed
    try:
        body = await _unpacked(packed, encoding, bytes_max)
        budget.claim(len(body))
    finally:
        budget.release(len(packed))
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """How far a body is read; one whose length is declared ends there."""

    bytes_max: int
    seconds_max: float
    bytes_declared: int | None


async def _receive_all(receive: Receive, *, budget: BodyBudget, limits: _Limits) -> bytes:
    chunks: list[bytes] = []
    size = 0
    loop = asyncio.get_running_loop()
    until = loop.time() + limits.seconds_max
    try:
        while True:
            message: Any = await (_in_time(receive, until) if chunks else receive())
            if message["type"] == "http.disconnect":
                raise _gone()  # noqa: TRY301 - what was claimed is released below, either way
            chunk: bytes = message.get("body", b"")
            budget.claim(len(chunk))
            size += len(chunk)
            if size > limits.bytes_max:
                raise too_large(limits.bytes_max)  # noqa: TRY301 - as above
            chunks.append(chunk)
            # The message that says that no more comes is not waited for where it is known.
            if size == limits.bytes_declared or not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    except BaseException:
        budget.release(size)
        raise


async def _in_time(receive: Receive, until: float) -> Any:  # noqa: ANN401 - an ASGI message
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError as error:
        message = "The body did not end in time; send it in smaller parts."
        raise HttpProblem(408, "too_slow", message) from error


async def _unpacked(packed: bytes, encoding: bytes, bytes_max: int) -> bytes:
    unpack = unpack_zstd if encoding == b"zstd" else unpack_gzip
    try:
        if len(packed) < THREAD_FROM_BYTES:
            return unpack(packed, bytes_max)
        return await asyncio.to_thread(unpack, packed, bytes_max)
    except (zlib.error, zstandard.ZstdError) as error:
        raise damaged(encoding.decode()) from error


def unpack_gzip(packed: bytes, bytes_max: int) -> bytes:
    """Return the content of one or more gzip members, at most `bytes_max` bytes."""
    parts: list[bytes] = []
    room = bytes_max
    for _ in range(GZIP_MEMBERS_MAX):
        member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
        part = member.decompress(packed, room + 1)
        room -= len(part)
        if room < 0:
            raise too_large(bytes_max)
        if not member.eof:
            raise damaged("gzip")
        parts.append(part)
        packed = member.unused_data
        if not packed:
            return b"".join(parts)
    raise damaged("gzip")


def unpack_zstd(packed: bytes, bytes_max: int) -> bytes:
    """Return the content of one or more zstd frames, at most `bytes_max` bytes."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX)
    frame = unpacker.decompressobj(read_across_frames=False)
    parts: list[bytes] = []
    room = bytes_max
    rest = memoryview(packed)
    while rest:
        part = frame.decompress(rest[:ZSTD_SLICE_BYTES])
        used = min(ZSTD_SLICE_BYTES, len(rest)) - len(frame.unused_data)
        rest = rest[used:]
        room -= len(part)
        if room < 0:
            raise too_large(bytes_max)
        parts.append(part)
        if frame.eof and rest:
            frame = unpacker.decompressobj(read_across_frames=False)
    if not frame.eof:
        raise damaged("zstd")
    return b"".join(parts)


def too_large(bytes_max: int) -> HttpProblem:
    """Return the problem of a body over its limit."""
    message = f"The body may be at most {bytes_max} bytes, unpacked; send it in parts."
    return HttpProblem(413, "too_large", message)


def _gone() -> HttpProblem:
    return HttpProblem(400, "disconnected", "The client went away before the body ended.")


def damaged(encoding: str) -> HttpProblem:
    """Return the problem of a body that does not unpack."""
    return HttpProblem(400, "malformed", f"The body is not complete, valid {encoding}.")
