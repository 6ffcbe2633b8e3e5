"""
Uses that were decided here, as they stand in books and as they are reported.

    *.lease   a head, then a line for each use of the lease:   ["9f2c-17",3,1767261600000000000]
    *.open    a line for each use let through while the server was away: the question itself
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from tallystick.client.errors import RequestRefused
from tallystick.client.local.book import read_lines
from tallystick.client.local.combining import asked_in_halves, is_about_one
from tallystick.client.quotas import (
    REQUESTS_MAX,
    Asked,
    Consume,
    Decision,
    Report,
    Spent,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder(decimal_format="string").encode

UNKNOWN = "unknown"
_TAKEN = frozenset({"expired", UNKNOWN})
_NOT_RECORDED = frozenset({"not_consumable", "conflict", UNKNOWN})
"""Why the server has not even recorded what happened."""

AskAll = Callable[[Sequence[Asked]], Sequence[Decision]]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Of what a lease was taken, and under which source its uses are events."""

    lease: str
    account: str
    feature: str
    source: str


class Use(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One use; `at` in nanoseconds since 1970 by the clock on the wall."""

    id: str
    quantity: Decimal | int
    at: int
    data: dict[str, object] | None = None


_Entry = TypeVar("_Entry", Head, Use, Consume)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """The server refuses what a book says; asking again would not help."""

    message: str


def line_of(entry: Head | Consume) -> bytes:
    """Return the line of a book."""
    return _encode(entry) + b"\n"


def use_line(id_: str, quantity: Decimal | int, at: int, data: dict[str, object] | None) -> bytes:
    r"""
    Return the line of one use.

    Example:
        >>> use_line("9f2c-17", 3, 1767261600000000000, None)
        b'["9f2c-17",3,1767261600000000000]\n'
    """
    if data is None:
        return _encode((id_, quantity, at)) + b"\n"
    return _encode((id_, quantity, at, data)) + b"\n"


def uses_of(lines: Iterable[bytes]) -> list[Use]:
    """Return the uses that lines say, without torn ones."""
    return list(_decoded(lines, Use))


def read_lease(path: Path) -> tuple[Head | None, list[Use]]:
    """Return what a lease's book says, without torn lines; no head: nothing is left of it."""
    lines = list(read_lines(path))
    heads = list(_decoded(lines[:1], Head))
    return (heads[0], list(_decoded(lines[1:], Use))) if heads else (None, [])


def read_open(path: Path) -> list[Consume]:
    """Return what was let through while the server was away."""
    return list(_decoded(read_lines(path), Consume))


def report_of(head: Head, uses: Sequence[Use], *, close: bool) -> Report:
    """Return what the server is told of a lease, at most REQUESTS_MAX uses at a time."""
    return Report(lease=head.lease, events=tuple(_spent(head, use) for use in uses), close=close)


def report_uses(head: Head, uses: Sequence[Use], *, ask_all: AskAll) -> NotTaken | None:
    """
    Tell the server all that was spent of a lease, and close it; None: it has taken all of it.

    What it refuses of one part keeps it from no other.

    Raises:
        ServerUnreachable, RequestRefused: it may have taken a part; again is harmless.
    """
    parts = [uses[start : start + REQUESTS_MAX] for start in range(0, len(uses), REQUESTS_MAX)]
    refused: NotTaken | None = None
    for number, part in enumerate(parts or [()], 1):
        report = report_of(head, part, close=number >= len(parts))
        (answer,) = asked_in_halves([report], ask_all)
        refused = tell_unknown(head, part, answer, ask_all) or refused
    return refused


def tell_unknown(
    head: Head, uses: Sequence[Use], answer: Decision | RequestRefused, ask_all: AskAll
) -> NotTaken | None:
    """
    Return why the server has not taken a report, or a part of it; None if it has taken all.

    A lease that it does not know, as after its store was set back, is told use by use; a report
    with a wrong use in it is told again in halves, so that the others count.

    Raises:
        ServerUnreachable, RequestRefused: it may have taken a part.
    """
    if isinstance(answer, RequestRefused):
        if not is_about_one(answer):
            raise answer
        if len(uses) > 1:
            return _tell_in_halves(head, uses, ask_all)
        return NotTaken(message=f"{answer}")
    if answer.reason == UNKNOWN and uses:
        return _tell_one_by_one(head, uses, ask_all)
    if not (answer.allowed or answer.reason in _TAKEN):
        return NotTaken(message=answer.message or answer.reason)
    return None


def _tell_in_halves(head: Head, uses: Sequence[Use], ask_all: AskAll) -> NotTaken | None:
    refused: NotTaken | None = None
    middle = len(uses) // 2
    for half in (uses[:middle], uses[middle:]):
        (answer,) = asked_in_halves([report_of(head, half, close=False)], ask_all)
        refused = tell_unknown(head, half, answer, ask_all) or refused
    return refused


def _tell_one_by_one(head: Head, uses: Sequence[Use], ask_all: AskAll) -> NotTaken | None:
    refused: NotTaken | None = None
    for answer in asked_in_halves([_happened(head, use) for use in uses], ask_all):
        if isinstance(answer, RequestRefused):
            refused = tell_unknown(head, (), answer, ask_all)
        elif answer.reason in _NOT_RECORDED:
            refused = NotTaken(message=answer.message or answer.reason)
    return refused


def parts_of(asked: Sequence[Consume]) -> Iterator[Sequence[Consume]]:
    """Yield questions in portions of one request."""
    for start in range(0, len(asked), REQUESTS_MAX):
        yield asked[start : start + REQUESTS_MAX]


def instant_of(nanoseconds: int) -> datetime:
    """
    Return the instant, to the microsecond.

    Example:
        >>> instant_of(1_767_261_600_000_001_999).isoformat()
        '2026-01-01T10:00:00.000001+00:00'
    """
    return _EPOCH + timedelta(microseconds=nanoseconds // 1_000)


def _decoded(lines: Iterable[bytes], kind: type[_Entry]) -> Iterator[_Entry]:
    """Yield what lines say; a torn one was not on the disk when the machine ended."""
    for line in lines:
        with contextlib.suppress(msgspec.DecodeError):
            yield msgspec.json.decode(line, type=kind)


def _spent(head: Head, use: Use) -> Spent:
    return Spent(
        source=head.source,
        id=use.id,
        quantity=Decimal(use.quantity),
        data=use.data,
        time=instant_of(use.at),
    )


def _happened(head: Head, use: Use) -> Consume:
    return Consume(
        account=head.account,
        feature=head.feature,
        source=head.source,
        id=use.id,
        quantity=Decimal(use.quantity),
        data=use.data,
        happened=True,
        time=instant_of(use.at),
    )
