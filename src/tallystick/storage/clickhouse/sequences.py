"""Numbers that senders gave to their events, as spans, over a range of log positions."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from tallystick.app.sources import SenderNumbers, Span
from tallystick.kernel import WorkspaceId, from_micros
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.schema import UNCORRECTED

SPANS_MAX = 50_000
"""Spans of one look; where there are more, a shorter range of positions is looked at."""
_NUMBER = "^[0-9]{1,18}$"


class ClickHouseNumbers:
    """Finds which numbers senders have used; implements a port of `app`."""

    def __init__(self, clickhouse: ClickHouse, *, spans_max: int = SPANS_MAX) -> None:
        self._clickhouse = clickhouse
        self._spans_max = spans_max

    def numbers(
        self, workspace: WorkspaceId, senders: Sequence[str], *, after: int, through: int
    ) -> tuple[list[SenderNumbers], int]:
        while True:
            bind = Bindings(workspace=str(workspace), as_of=through)
            rows = self._clickhouse.read(
                _statement(senders, after=after, bind=bind, limit=self._spans_max + 1),
                bind.parameters,
            )
            if len(rows) <= self._spans_max or through - after <= self._spans_max:
                return list(_found(rows)), through
            through = after + max(1, (through - after) // 4)


def _statement(senders: Sequence[str], *, after: int, bind: Bindings, limit: int) -> str:
    """
    Return the statement that gives one row for each unbroken run of numbers of a sender.

    Numbers less their rank are the same along a run. Events without a number make a row with -1.
    """
    named = " OR ".join(f"source LIKE {bind.text(_like(each))}" for each in senders)
    number = f"if(match(sequence, {bind.text(_NUMBER)}), toInt64OrZero(sequence), -1)"
    return (
        "SELECT source, min(number), max(number) + 1, sum(events), max(newest) FROM ("
        "SELECT source, number, events, newest, number - toInt64(row_number() OVER "
        "(PARTITION BY source, number < 0 ORDER BY number)) AS run FROM ("
        f"SELECT source, {number} AS number, count() AS events, "
        "max(toUnixTimestamp64Micro(used_at)) AS newest "
        f"FROM {UNCORRECTED} WHERE position > {bind.position(after)} AND ({named}) "
        "GROUP BY source, number)) GROUP BY source, number < 0, run "
        f"ORDER BY source, min(number) LIMIT {bind.position(limit)}"
    )


def _like(pattern: str) -> str:
    r"""
    Return the LIKE pattern of a sender's pattern, in which only the asterisk means something.

    Example:
        >>> print(_like("host/a_1*"))
        host/a\_1%
    """
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%")


def _found(rows: Sequence[Sequence[Any]]) -> Iterable[SenderNumbers]:
    for sender, group in groupby(rows, key=lambda cells: cells[0]):
        runs = [tuple(map(int, cells[1:])) for cells in group]
        numbered = [run for run in runs if run[0] >= 0]
        yield SenderNumbers(
            sender=sender,
            spans=tuple(Span(first=first, end=end) for first, end, _, _ in numbered),
            events=sum(events for _, _, events, _ in numbered),
            unnumbered=sum(events for first, _, events, _ in runs if first < 0),
            newest_at=from_micros(max(newest for *_, newest in runs)),
        )
