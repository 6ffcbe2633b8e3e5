"""Voiding and amending: what becomes of each event, what is audited, what sending twice does."""

from copy import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.app.corrections import (
    AmendEvents,
    CorrectionReport,
    EventName,
    Replacement,
    VoidEvents,
    correct_events,
)
from tallystick.kernel import Done, EngineUnavailable, Period, Refused, WorkspaceId, instant
from tallystick.metering import UsageQuery
from tests.clickhouse import UsageStore
from tests.corrected_log import CorrectedLog
from tests.databases import Database
from tests.events import meter
from tests.ingest.batches import event as wire_event

W = WorkspaceId("test")
_YEAR = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2027-01-01T00:00:00Z"))


@pytest.fixture
def log(usage_store: UsageStore, tmp_path: Path) -> CorrectedLog:
    """Lend a log with nothing in it."""
    return CorrectedLog(usage_store, tmp_path)


def _event(event_id: str, value: str = "1", **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    return wire_event(event_id, type="t", data={"v": value}, **attributes)


def _void(*ids: str, **named: str) -> VoidEvents:
    events = tuple(EventName(source="test", id=one, **named) for one in ids)
    return VoidEvents(events=events, reason="a test")


def _amend(*events: dict[str, Any], **named: str) -> AmendEvents:
    texts = tuple(Replacement(event=msgspec.json.encode(one).decode(), **named) for one in events)
    return AmendEvents(events=texts, reason="counted in bits")


def _do(
    command: VoidEvents | AmendEvents, log: CorrectedLog, database: Database, key: str | None = None
) -> CorrectionReport:
    outcome = correct_events(
        command, caller=log.caller(W, key=key), uow=database.unit(), sources=log.sources
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def _told(report: CorrectionReport) -> list[tuple[str, str, int]]:
    return [(one.status.value, one.code, one.position) for one in report.results]


def _values(log: CorrectedLog, *, through: int | None = None) -> dict[str, str]:
    return {one.id: msgspec.json.decode(one.data)["v"] for one in log.standing(W, through=through)}


def _audits(database: Database) -> list[tuple[str, int, int]]:
    with database.connection("postgres") as connection:
        rows = connection.execute(
            "SELECT command, (details->>'applied')::int, (details->>'last_position')::int"
            " FROM audit ORDER BY id"
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_voided_event_counts_no_more_from_then_on(log: CorrectedLog, database: Database) -> None:
    """Each event has its result; what was known before still counts it."""
    log.send(W, _event("a"), _event("b"))
    report = _do(_void("a", "nobody"), log, database)
    assert _told(report) == [("applied", "", 3), ("rejected", "not_found", 0)]
    assert (report.applied, report.unchanged, report.refused, report.last_position) == (1, 0, 1, 3)
    assert (_values(log), _values(log, through=2)) == ({"b": "1"}, {"a": "1", "b": "1"})
    assert _audits(database) == [("VoidEvents", 1, 3)]


def test_an_amended_event_counts_as_it_should_have_been(
    log: CorrectedLog, database: Database
) -> None:
    """Content, subject and time are replaced; without a time it keeps its own."""
    log.send(W, _event("a", "1", time="2026-06-01T00:00:00Z"))
    _do(_amend(_event("a", "1.500", subject="other", time=None)), log, database)
    (stands,) = log.standing(W)
    assert (stands.subject, stands.data, stands.position) == ("other", '{"v":"1.500"}', 2)
    assert stands.used_at.isoformat() == "2026-06-01T00:00:00+00:00"
    _do(_amend(_event("a", "2", time="2026-06-02T00:00:00Z")), log, database)
    (stands,) = log.standing(W)
    assert stands.used_at.isoformat() == "2026-06-02T00:00:00+00:00"
    assert [name for name, _, _ in _audits(database)] == ["AmendEvents", "AmendEvents"]


def test_corrections_of_one_event_apply_in_order(log: CorrectedLog, database: Database) -> None:
    """Void, amend, void, amend: the last one decides, in the log and in ClickHouse."""
    log.send(W, _event("a", "1"))
    seen = []
    for command in (_void("a"), _amend(_event("a", "2")), _void("a"), _amend(_event("a", "2"))):
        _do(command, log, database)
        query = UsageQuery(workspace=W, meter=meter("sum"), windows=(_YEAR,))
        (row,) = log.store.reader.usage(query)
        seen.append((_values(log).get("a", ""), str(row.fold.quantity)))
    assert seen == [("", "0"), ("2", "2"), ("", "0"), ("2", "2")]


def test_what_stands_already_is_not_written_again(log: CorrectedLog, database: Database) -> None:
    """The same wish in the same state is one correction; nothing is logged or audited for it."""
    log.send(W, _event("a", "1"))
    assert _told(_do(_amend(_event("a", "1")), log, database)) == [("unchanged", "", 0)]
    _do(_void("a"), log, database)
    assert _told(_do(_void("a"), log, database)) == [("unchanged", "", 0)]
    assert log.durable_position() == 2
    assert _audits(database) == [("VoidEvents", 1, 2)]


def test_one_id_is_one_correction(log: CorrectedLog, database: Database) -> None:
    """Under its caller's id a correction is taken once, whatever came after; else a conflict."""
    log.send(W, _event("a", "1"))
    first = _do(_amend(_event("a", "2"), correction_id="c1"), log, database)
    _do(_amend(_event("a", "3"), correction_id="c2"), log, database)
    again = _do(_amend(_event("a", "2"), correction_id="c1"), log, database)
    assert _told(again) == _told(first) == [("applied", "", 2)]
    assert _values(log) == {"a": "3"}
    other = _do(_amend(_event("a", "4"), correction_id="c1"), log, database)
    assert _told(other) == [("conflict", "correction_conflict", 2)]
    assert _values(log) == {"a": "3"}


def test_a_command_sent_twice_has_one_effect_and_one_answer(
    log: CorrectedLog, database: Database
) -> None:
    """Under an idempotency key the first answer is told again, also when the event moved on."""
    log.send(W, _event("a", "1"))
    first = _do(_void("a"), log, database, key="once")
    _do(_amend(_event("a", "5")), log, database)
    assert _do(_void("a"), log, database, key="once") == first
    assert (_values(log), log.durable_position()) == ({"a": "5"}, 3)


class _Interrupted(CorrectedLog):
    """A process that ends as soon as the log has the correction."""

    def write(self, rows: Any) -> Any:  # noqa: ANN401 - as the log
        """Write, and answer nobody."""
        super().write(rows)
        raise EngineUnavailable("gone")


def test_a_crash_before_the_audit_is_mended_by_sending_again(
    log: CorrectedLog, database: Database
) -> None:
    """The log has the correction once; the audit of the second sending names it."""
    log.send(W, _event("a", "1"), _event("b", "1"))
    interrupted = copy(log)
    interrupted.__class__ = _Interrupted
    with pytest.raises(EngineUnavailable):
        _do(_void("a", "b"), interrupted, database, key="k")
    assert (_values(log), _audits(database)) == ({}, [])
    assert _told(_do(_void("a", "b"), log, database, key="k")) == [
        ("applied", "", 3),
        ("applied", "", 4),
    ]
    assert log.durable_position() == 4
    assert _audits(database) == [("VoidEvents", 2, 4)]


def test_a_replacement_passes_the_checks_of_any_event(
    log: CorrectedLog, database: Database
) -> None:
    """What ingest would refuse is refused, with its place; its neighbours are amended."""
    log.send(W, _event("a"), _event("b"))
    bad = _event("a", time="tomorrow")
    report = _do(_amend(bad, _event("b", "2"), _event("b", "3")), log, database)
    assert [(one.status.value, one.code, one.path) for one in report.results] == [
        ("rejected", "time_invalid", "time"),
        ("applied", "", ""),
        ("rejected", "repeated", ""),
    ]
    assert _values(log) == {"a": "1", "b": "2"}


def test_a_correction_cannot_be_corrected(log: CorrectedLog, database: Database) -> None:
    """A correction is no event; another one takes it back."""
    log.send(W, _event("a"))
    _do(_void("a", correction_id="c1"), log, database)
    command = VoidEvents(
        events=(EventName(source="tallystick:corrections", id="c1"),), reason="a mistake"
    )
    assert [one.code for one in _do(command, log, database).results] == ["not_found"]


@pytest.mark.parametrize(
    ("command", "scopes", "code"),
    [
        (_void("a"), ["ingest"], "forbidden"),
        (_void(), ["correct"], "wrong_value"),
        (VoidEvents(events=_void("a").events, reason=""), ["correct"], "wrong_value"),
    ],
)
def test_who_may_not_or_says_nothing_is_refused(
    command: VoidEvents, scopes: list[str], code: str, log: CorrectedLog, database: Database
) -> None:
    """It takes the scope, an event and a reason."""
    outcome = correct_events(
        command, caller=log.caller(W, *scopes), uow=database.unit(), sources=log.sources
    )
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == code


def test_another_workspace_is_not_reached(log: CorrectedLog, database: Database) -> None:
    """The same source and id elsewhere are another event."""
    log.send(WorkspaceId("other"), _event("a"))
    assert [one.code for one in _do(_void("a"), log, database).results] == ["not_found"]
    assert len(log.standing(WorkspaceId("other"))) == 1
