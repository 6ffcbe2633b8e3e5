"""No personal value reaches the log, whatever form it came in, and identity holds as ever."""

import json
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tallystick.app.ingest import ARROW, IngestReport
from tallystick.app.personal import Chosen, ValueUse, commit_values
from tallystick.kernel import EngineUnavailable
from tallystick.personal import is_pseudonym
from tests.databases import Database
from tests.ingest.batches import JSON
from tests.personal_gate import PATH, TYPE, PersonalGate, call


@pytest.fixture
def gate(database: Database, tmp_path: Path) -> PersonalGate:
    """A gate whose workspace declares one personal path."""
    made = PersonalGate(database, tmp_path)
    made.declare(PATH)
    return made


def counts(report: IngestReport) -> tuple[int, int, int]:
    """Return accepted, duplicate, conflict."""
    return report.accepted, report.duplicate, report.conflict


def erase(gate: PersonalGate, chosen: Chosen) -> int:
    """Erase up to the end of the log."""
    with gate.database.unit() as uow:
        destroyed = uow.erasures.erase(chosen, through=gate.log.log.last_position)
        uow.commit()
    return destroyed


def holds(gate: PersonalGate, text: str) -> bool:
    """Tell whether any file of the log, unpacked, holds a text."""
    return any(text in row.data for row in gate.rows())


def arrow(*events: dict[str, Any]) -> bytes:
    """Return events as an Arrow stream."""
    names = ("source", "id", "type", "subject", "time")
    columns = {name: [each[name] for each in events] for name in names}
    table = pa.table(columns | {"data": [json.dumps(each["data"]) for each in events]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def lines(*events: dict[str, Any]) -> bytes:
    """Return events as lines."""
    return "\n".join(map(json.dumps, events)).encode()


def test_every_lane_stores_the_same_row(gate: PersonalGate) -> None:
    """One event sent as JSON, in a batch, as lines, as columns and oddly is one row, four times."""
    one = call("1")
    odd = json.dumps(one | {"extension": "x"}).encode()
    forms = [
        (json.dumps(one).encode(), JSON),
        (json.dumps([one]).encode(), JSON),
        (lines(one), "application/x-ndjson"),
        (arrow(one), ARROW),
        (odd, JSON),
    ]
    reports = [gate.submit(body, content_type) for body, content_type in forms]
    assert [counts(report) for report in reports] == [(1, 0, 0)] + 4 * [(0, 1, 0)]
    (value,) = gate.values()
    assert is_pseudonym(value)
    assert not holds(gate, "jane")


def test_equal_values_have_one_pseudonym_across_subjects(gate: PersonalGate) -> None:
    """Who counts or groups by the pseudonym sees what he would see of the value."""
    gate.send(call("1"), call("2", subject="other"), call("3", "joe@x.org"))
    gate.send(call("4"))
    first, second, third, fourth = gate.values()
    assert first == second == fourth != third


def test_another_workspaces_paths_are_not_looked_at(gate: PersonalGate) -> None:
    """A type that declares nothing is stored as it was sent."""
    gate.declare()
    gate.send(call("1"))
    assert gate.values() == ["jane@x.org"]


@pytest.mark.parametrize("value", [7, True, {"a": [1.50]}, ["x"], 'q"uote\\', "jé\u0000"])
def test_values_of_any_kind_are_kept_as_they_mean(gate: PersonalGate, value: object) -> None:
    """What was sent comes back from what is kept, be it text, number, object or list."""
    gate.send(call("1", value))
    (pseudonym,) = gate.values()
    assert is_pseudonym(pseudonym)
    with gate.database.unit() as uow:
        (kept,) = uow.erasures.contents_of(Chosen())
    assert json.loads(kept) == value


def test_nothing_there_is_nothing_kept(gate: PersonalGate) -> None:
    """A missing value and null stay what they are."""
    gate.send(call("1", None))
    assert gate.values() == [None]


def test_another_value_is_a_conflict_and_is_not_kept(gate: PersonalGate) -> None:
    """Other content under a known identity is reported, and its text is stored nowhere."""
    gate.send(call("1"))
    assert counts(gate.send(call("1", "joe@x.org"))) == (0, 0, 1)
    with gate.database.unit() as uow:
        assert uow.erasures.contents_of(Chosen()) == ['"jane@x.org"']


@pytest.mark.parametrize("timed", [True, False])
def test_a_repeat_is_a_duplicate_before_and_after_erasure(
    gate: PersonalGate,
    timed: bool,  # noqa: FBT001 - a cell
) -> None:
    """An erased event that is sent again counts nothing, and its text is not kept again."""
    sent = call("1") if timed else call("1", time=None)
    gate.send(sent)
    gate.clock.forward(seconds=30)
    assert counts(gate.send(sent)) == (0, 1, 0)
    assert erase(gate, Chosen(content='"jane@x.org"')) == 1
    gate.clock.forward(seconds=30)
    for _ in range(2):
        assert counts(gate.send(sent)) == (0, 1, 0)
    with gate.database.unit() as uow:
        assert uow.erasures.contents_of(Chosen()) == []
    assert len(gate.rows()) == 1


def test_an_erased_value_that_comes_back_is_another_one(gate: PersonalGate) -> None:
    """Nothing remains by which it could be known again; the old event is a duplicate still."""
    gate.send(call("1"))
    erase(gate, Chosen(content='"jane@x.org"'))
    assert counts(gate.send(call("2"))) == (1, 0, 0)
    first, second = gate.values()
    assert first != second
    assert counts(gate.send(call("1"))) == (0, 1, 0)


def test_other_content_beside_an_erased_value_is_a_conflict(gate: PersonalGate) -> None:
    """Only what was erased cannot be compared any more."""
    gate.send(call("1"))
    erase(gate, Chosen(content='"jane@x.org"'))
    changed = call("1") | {"data": {"value": 2, "user": {"email": "jane@x.org"}}}
    assert counts(gate.send(changed)) == (0, 0, 1)


def test_a_repeat_of_what_was_sent_before_the_path_was_declared(gate: PersonalGate) -> None:
    """It is a duplicate, and stays stored as it was sent."""
    gate.declare()
    gate.send(call("1"))
    gate.declare(PATH)
    assert counts(gate.send(call("1"), call("1", "joe@x.org"))) == (0, 1, 1)
    assert gate.values() == ["jane@x.org"]


def test_a_respelled_repeat_is_a_duplicate(gate: PersonalGate) -> None:
    """Numbers and the order of members may be spelled otherwise beside a personal value."""
    gate.send(call("1"))
    again = call("1") | {"data": {"user": {"email": "jane@x.org"}, "value": 1}}
    body = json.dumps([again]).replace('"value": 1', '"value": 1.0').encode()
    assert counts(gate.submit(body)) == (0, 1, 0)


def test_a_pseudonym_that_is_sent_stays(gate: PersonalGate) -> None:
    """What was read from one installation can be sent to another; it is not committed again."""
    pseudonym = "psn_" + 43 * "x"
    gate.send(call("1", pseudonym))
    assert gate.values() == [pseudonym]


def test_events_of_a_backfill_are_protected(gate: PersonalGate) -> None:
    """A value that is held back is no text in the log either."""
    gate.submit(json.dumps([call("1")]).encode(), backfill=7)
    held = gate.log.events_at([1])[1]
    assert held.type.startswith("tallystick.held.7.")
    assert "jane" not in held.data
    assert counts(gate.submit(json.dumps([call("1")]).encode(), backfill=7)) == (0, 1, 0)


def test_texts_are_kept_before_the_event_is_appended(gate: PersonalGate) -> None:
    """A process that dies between the two leaves a text, which the next sending uses."""

    class Died(Exception):
        """The process is gone."""

    def dies(_submissions: object) -> list[IngestReport]:
        with gate.database.unit() as uow:
            assert uow.erasures.contents_of(Chosen()) == ['"jane@x.org"']
        raise Died

    whole = gate.appending
    gate.appending = dies
    with pytest.raises((Died, EngineUnavailable)):
        gate.send(call("1"))
    assert gate.rows() == []
    gate.appending = whole
    assert counts(gate.send(call("1"))) == (1, 0, 0)
    with gate.database.unit() as uow:
        (kept,) = uow.personal.pseudonyms(['"jane@x.org"']).values()
    assert gate.values() == [kept]


def test_nothing_is_appended_while_texts_cannot_be_kept(gate: PersonalGate) -> None:
    """Without its store an event with a personal value is refused, never stored as text."""
    gate.database.pool.close()
    with pytest.raises(Exception, match="pool"):
        gate.send(call("1"))
    assert gate.rows() == []


def test_texts_expire_by_their_last_use(gate: PersonalGate) -> None:
    """A text goes when its last use is old, and stays where it was used since or is another's."""
    for number, email in enumerate(("old@x.org", "both@x.org")):
        gate.send(call(f"old-{number}", email, time="2026-06-01T00:00:00Z"))
    gate.send(call("new", "both@x.org", time="2026-06-14T00:00:00Z"))
    before = datetime(2026, 6, 10, tzinfo=UTC)
    with gate.database.unit() as uow:
        assert uow.erasures.expire("other", before=before, through=3) == 0
        assert uow.erasures.expire(TYPE, before=before, through=3) == 1
        assert uow.erasures.contents_of(Chosen()) == ['"both@x.org"']
        uow.commit()
    assert counts(gate.send(call("old-0", "old@x.org", time="2026-06-01T00:00:00Z"))) == (0, 1, 0)


def test_a_value_that_comes_many_times_at_once_has_one_pseudonym(gate: PersonalGate) -> None:
    """Whoever keeps a value first gives its pseudonym; the others wait and take that."""
    uses = [
        ValueUse(content='"new@x.org"', subject=str(n), event_type=TYPE, path=PATH, used_at=None)
        for n in range(8)
    ]
    together = threading.Barrier(len(uses))

    def commit(use: ValueUse) -> str:
        with gate.database.unit() as uow:
            together.wait()
            found = commit_values(uow, [use], only_seen=(), salts=secrets.token_bytes)
            uow.commit()
        return found[use.content]

    with ThreadPoolExecutor(len(uses)) as pool:
        assert len(set(pool.map(commit, uses))) == 1
