"""Identity: each event counts once, whatever is repeated, reordered, mixed or restarted."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ingest import (
    Gate,
    GateRules,
    GroupCommit,
    IngestReport,
    Overloaded,
    Parsed,
    parse_body,
)
from tallystick.retention import EVERY_TYPE, Horizons, RetentionRule, horizons_of
from tallystick.storage.log import read_events
from tests.clock import HandClock
from tests.ingest.batches import JSON, NOW, LogUnderTest, event, parsed, scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tallystick.app.dead_letters import RejectedEvent
    from tallystick.metering import Event
    from tests.ingest.batches import LogUnderTest as Log


class MonthAgo:
    """The horizons of workspaces that take events of thirty days."""

    def known(self, workspace: str, at: datetime) -> Horizons:
        """Return the horizons at an instant."""
        return self.look_up(workspace, at)

    def look_up(self, workspace: str, at: datetime) -> Horizons:  # noqa: ARG002 - of any workspace
        """Return the horizons at an instant."""
        rule = RetentionRule(event_type=EVERY_TYPE, days=30, set_at=at)
        return horizons_of((rule,), at=at)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    """Return accepted, duplicate, conflict, rejected."""
    return report.accepted, report.duplicate, report.conflict, report.rejected


def stored_ids(log: Log) -> list[str]:
    """Return the ids in the log, in order."""
    events = read_events(
        log.segments,
        workspace="live",
        types=frozenset({"api.request"}),
        subjects=None,
        through=log.log.last_position,
    )
    return [event.id for event in events]


def test_what_is_known_is_a_duplicate_however_old_it_is(tmp_path: Path) -> None:
    """Identity before age: only what is new, or says something else, is refused as too old."""
    log = LogUnderTest(tmp_path)
    old = {"time": "2020-01-01T00:00:00Z"}
    log.append(parsed(event("a", **old), event("b", **old), event("c")))
    log.reopen()
    closed = replace(scope(), earliest=NOW - timedelta(days=30))
    sent = [
        event("a", **old),
        event("b", **old, data={"value": 2}),
        event("d", **old),
        event("c"),
        event("a", **old),
    ]
    parts = parse_body(json.dumps(sent).encode(), closed, content_type=JSON, headers={})
    (report,) = log.append(parts)
    assert counts(report) == (0, 3, 0, 2)
    assert report.duplicates == (0, 3, 4)
    assert [(each.index, each.code) for each in report.results] == [(1, "too_old"), (2, "too_old")]
    assert stored_ids(log) == ["a", "b", "c"]
    alone = parse_body(json.dumps(sent[:1]).encode(), closed, content_type=JSON, headers={})
    assert counts(log.append(alone)[0]) == (0, 1, 0, 0)


def test_a_repeat_of_what_is_too_old_is_no_dead_letter(tmp_path: Path) -> None:
    """It was taken when it was young enough; only what was never taken is buried."""
    log = LogUnderTest(tmp_path)
    commits = GroupCommit(lambda submissions: log.append(*map(list, submissions)))
    buried: list[RejectedEvent] = []
    clock, rules = HandClock(NOW), GateRules(horizons=MonthAgo())
    gate = Gate(commits, clock=clock, bury=buried.extend, seed=11, rules=rules)

    def send(*events: dict[str, object]) -> IngestReport:
        body = json.dumps(list(events)).encode()
        return asyncio.run(gate.submit("live", body, content_type=JSON, headers={}))

    assert counts(send(event("a"))) == (1, 0, 0, 0)
    clock.forward(days=31)
    assert counts(send(event("a"), event("b"))) == (0, 1, 0, 1)
    commits.close()
    assert [(letter.event_id, letter.code) for letter in buried] == [("b", "too_old")]


def test_a_repeat_is_a_duplicate_and_other_content_a_conflict(tmp_path: Path) -> None:
    """The first wins; the same again is a duplicate; other content is reported, not counted."""
    log = LogUnderTest(tmp_path)
    (first,) = log.append(parsed(event("a"), event("b")))
    (again,) = log.append(parsed(event("a"), event("b", data={"value": 2})))
    assert counts(first) == (2, 0, 0, 0)
    assert counts(again) == (0, 1, 1, 0)
    assert [(r.index, r.status.value, r.position) for r in again.results] == [
        (1, "conflict", 2),
    ]
    assert again.duplicates == (0,)
    assert stored_ids(log) == ["a", "b"]


def test_each_submission_is_told_where_its_events_begin(tmp_path: Path) -> None:
    """Those of a group stand one behind the other, each without a gap; repeats stand nowhere."""
    log = LogUnderTest(tmp_path)
    log.append(parsed(event("a")))
    group = (
        parsed(event("b"), event("a"), event("c")),
        parsed(event("b")),
        parsed(event("c"), event("d"), event("e")),
    )
    placed = [(report.first_position, report.accepted) for report in log.append(*group)]
    assert placed == [(2, 2), (0, 0), (4, 2)]
    assert stored_ids(log) == ["a", "b", "c", "d", "e"]


class CountedLog(LogUnderTest):
    """A log that notes what it was asked for."""

    asked: list[list[int]]

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the events at positions."""
        self.asked.append(list(positions))
        return super().events_at(self.asked[-1])


def test_a_storm_of_other_content_asks_the_log_once(tmp_path: Path) -> None:
    """Who repeats everything with other content does not make all others wait for a read each."""
    log = CountedLog(tmp_path, segment_events_max=30)
    log.asked = []
    names = [f"{number:03d}" for number in range(100)]
    for start in range(0, 100, 10):
        log.append(parsed(*map(event, names[start : start + 10])))
    others = [event(name, data={"value": 2}) for name in reversed(names)]
    same = [event(name, data={"value": Decimal("1.0")}) for name in names[:5]]
    body = msgspec.json.Encoder(decimal_format="number").encode(others + same)
    log.asked.clear()
    (report,) = log.append(parse_body(body, scope(), content_type=JSON, headers={}))
    assert counts(report) == (0, 5, 100, 0)
    assert [result.position for result in report.results] == list(range(100, 0, -1))
    assert log.asked == [[*range(100, 0, -1), *range(1, 6)]]


def test_repeats_within_one_batch_and_one_group(tmp_path: Path) -> None:
    """The first of a batch, and the first batch of a group, win."""
    log = LogUnderTest(tmp_path)
    one = parsed(event("a"), event("a"), event("a", data={"value": 2}))
    two = parsed(event("a"), event("b"))
    reports = log.append(one, two)
    assert [counts(r) for r in reports] == [(1, 1, 1, 0), (1, 1, 0, 0)]


@pytest.mark.parametrize(
    "respelled",
    [
        {"data": {"value": 1.0}},
        {"time": "2026-06-15T13:00:00+02:00"},
        {"time": "2026-06-15T11:00:00.000Z"},
    ],
)
def test_a_respelled_repeat_is_a_duplicate(tmp_path: Path, respelled: dict[str, object]) -> None:
    """Numbers and instants are compared by value before a conflict is called."""
    log = LogUnderTest(tmp_path)
    log.append(parsed(event("a")))
    (again,) = log.append(parsed(event("a", **respelled)))
    assert counts(again) == (0, 1, 0, 0)


def test_a_repeat_without_time_counts_once_however_late(tmp_path: Path) -> None:
    """An event without time, retried after an hour, is the same event."""
    log = LogUnderTest(tmp_path)
    log.append(parsed(event("a", time=None)))
    later = parsed(event("a", time=None), received_at=NOW + timedelta(hours=1))
    (again,) = log.append(later)
    assert counts(again) == (0, 1, 0, 0)


def test_the_same_id_of_another_source_is_another_event(tmp_path: Path) -> None:
    """Identity is workspace, source and id together."""
    log = LogUnderTest(tmp_path)
    (report,) = log.append(parsed(event("a", source="x"), event("a", source="y")))
    assert counts(report) == (2, 0, 0, 0)


_BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), max_size=6), max_size=8
)


@given(
    batches=_BATCHES,
    restarts=st.sets(st.integers(0, 7)),
    lost=st.sampled_from(["", ".run", ".bits"]),
)
def test_any_delivery_counts_as_a_naive_model_does(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[tuple[int, int]]],
    restarts: set[int],
    lost: str,
) -> None:
    """Batches in any shape, with restarts, sealed segments and a lost index: first wins, once."""
    log = LogUnderTest(tmp_path_factory.mktemp("log"), segment_events_max=4)
    model: dict[int, int] = {}
    for number, batch in enumerate(batches):
        expected = {"accepted": 0, "duplicate": 0, "conflict": 0}
        for key, value in batch:
            first = model.setdefault(key, value) if key in model else None
            if first is None:
                model[key] = value
                expected["accepted"] += 1
            else:
                expected["duplicate" if first == value else "conflict"] += 1
        (report,) = log.append(parsed(*(event(f"{k}", data={"value": v}) for k, v in batch)))
        assert counts(report) == (*expected.values(), 0)
        if number in restarts:
            for file in sorted((log.directory / "identities").glob(f"*{lost}")) if lost else ():
                file.unlink()
            log.reopen()
    assert stored_ids(log) == [str(key) for key in model]
    assert len(log.identities) == len(model)


def test_one_event_from_many_connections_is_accepted_once(tmp_path: Path) -> None:
    """Sent by fifty clients at once, an event is accepted once and a repeat in the rest."""
    log = LogUnderTest(tmp_path)
    commits = GroupCommit(lambda submissions: log.append(*map(list, submissions)))

    async def send_all() -> list[IngestReport]:
        return list(await asyncio.gather(*(commits.submit(parsed(event("a"))) for _ in range(50))))

    reports = asyncio.run(send_all())
    commits.close()
    assert sorted(counts(r) for r in reports) == [(0, 1, 0, 0)] * 49 + [(1, 0, 0, 0)]


def test_a_full_queue_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    """Beyond the bound a submission is refused at once; what waited is answered."""
    log = LogUnderTest(tmp_path)
    gate = threading.Event()

    def slow(submissions: Sequence[Sequence[Parsed]]) -> list[IngestReport]:
        gate.wait(10)
        return log.append(*map(list, submissions))

    commits = GroupCommit(slow, queue_events_max=3)

    async def flood() -> list[IngestReport | BaseException]:
        sends = [asyncio.ensure_future(commits.submit(parsed(event(str(n))))) for n in range(9)]
        await asyncio.sleep(0)
        gate.set()
        return list(await asyncio.gather(*sends, return_exceptions=True))

    answers = asyncio.run(flood())
    commits.close()
    taken = [a for a in answers if isinstance(a, IngestReport)]
    refused = [a for a in answers if isinstance(a, Overloaded)]
    assert len(taken) + len(refused) == 9
    assert refused
    assert len(stored_ids(log)) == len(taken)


def test_single_events_parsed_together_keep_their_own_fate(tmp_path: Path) -> None:
    """Neighbours in one turn of the loop do not change what becomes of an event."""
    log = LogUnderTest(tmp_path)
    commits = GroupCommit(lambda submissions: log.append(*map(list, submissions)))
    buried: list[RejectedEvent] = []
    gate = Gate(commits, clock=HandClock(NOW), bury=buried.extend, seed=11)
    swallowing = b'{"specversion":"1.0","id":"x","source":"test","type":"t","data":{"a":['
    bodies = [
        json.dumps(event("a")).encode(),
        swallowing,
        json.dumps(event("b", data={"v": 1e3})).encode(),
        b"]}}",
        json.dumps(event("a")).encode(),
    ]

    async def send_all() -> list[IngestReport]:
        sends = [
            gate.submit("live", b, content_type="application/json", headers={}) for b in bodies
        ]
        return list(await asyncio.gather(*sends))

    reports = asyncio.run(send_all())
    commits.close()
    assert [counts(r) for r in reports] == [
        (1, 0, 0, 0),
        (0, 0, 0, 1),
        (1, 0, 0, 0),
        (0, 0, 0, 1),
        (0, 1, 0, 0),
    ]
    assert [letter.code for letter in buried] == ["not_json", "not_json"]
    assert stored_ids(log) == ["a", "b"]
