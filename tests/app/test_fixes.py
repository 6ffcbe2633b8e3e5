"""Fixes rewrite refused events, and leave what they do not touch as it was sent."""

from typing import Any

import msgspec
import pytest

from tallystick.app.dead_letters import DeadLetter, RejectedEvent
from tallystick.app.mending import (
    Default,
    Fix,
    MapValues,
    Rename,
    SetTime,
    SetValue,
    mend,
)
from tallystick.kernel import Done, Refused, digest, instant
from tests.clock import NEW_YEAR
from tests.databases import WORKSPACE

TIMED = '{"id":"1","time":"2026-01-05T00:00:00Z","data":{"byts":1.50,"n":{"a":1}}}'


def letter(body: str | bytes, code: str = "attribute_invalid") -> DeadLetter:
    """Return a letter received at the new year."""
    event = RejectedEvent(
        workspace=WORKSPACE,
        received_at=NEW_YEAR,
        source="s",
        event_id="1",
        code=code,
        message="no",
        path="",
        body=body if isinstance(body, bytes) else body.encode(),
    )
    return DeadLetter(id=1, event=event)


def mended(*fixes: Fix, body: str = TIMED) -> Any:  # noqa: ANN401 - any JSON
    """Return the text of the mended event."""
    outcome = mend(letter(body), fixes)
    assert isinstance(outcome, Done), outcome
    return outcome.value.decode()


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        (Rename(path="data.byts", to="data.bytes"), '"data":{"n":{"a":1},"bytes":1.50}'),
        (Rename(path="data.n.a", to="kind"), '"data":{"byts":1.50,"n":{}},"kind":1'),
        (Rename(path="data.none", to="data.bytes"), '"data":{"byts":1.50,"n":{"a":1}}'),
        (Default(path="data.region", value="eu"), '"n":{"a":1},"region":"eu"}'),
        (Default(path="data.byts", value=9), '"data":{"byts":1.50,'),
        (SetValue(path="data.byts", written=9), '"data":{"byts":9,'),
        (SetValue(path="data.m.b", written=True), '"m":{"b":true}'),
        (MapValues(path="data.byts", values={"1.50": "x"}), '"data":{"byts":"x",'),
        (MapValues(path="id", values={"1": "one"}), '"id":"one"'),
        (MapValues(path="id", values={"2": "two"}), '"id":"1"'),
        (SetTime(), '"time":"2026-01-01T00:00:00.000000Z"'),
        (SetTime(to=instant("2026-02-01T00:00:00Z")), '"time":"2026-02-01T00:00:00.000000Z"'),
    ],
)
def test_each_fix(fix: Fix, expected: str) -> None:
    """A fix changes what it names, and digits elsewhere stay as they were written."""
    assert expected in mended(fix)


def test_fixes_apply_in_order() -> None:
    """A later fix sees what an earlier one wrote."""
    text = mended(
        Rename(path="data.byts", to="data.b"), MapValues(path="data.b", values={"1.50": 2})
    )
    assert msgspec.json.decode(text)["data"]["b"] == 2


def test_an_event_without_a_time_keeps_that_of_its_receipt() -> None:
    """Sending it again later must not move its usage."""
    for body in ('{"id":"1"}', '{"id":"1","time":null}'):
        assert msgspec.json.decode(mended(body=body))["time"] == "2026-01-01T00:00:00.000000Z"
    assert msgspec.json.decode(mended())["time"] == "2026-01-05T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "code", "fix"),
    [
        ('{"id":"1"', "not_json", SetTime()),
        ("[1]", "not_an_object", SetTime()),
        (b"\xff", "not_utf8", SetTime()),
        ('{"id":"1","id":"2"}', "key_repeated", SetTime()),
        (TIMED, "x", Default(path="id.deeper", value=1)),
        (TIMED, "x", Rename(path="data.byts", to="id")),
        (TIMED, "x", SetValue(path="data..b", written=1)),
    ],
)
def test_what_cannot_be_mended(body: str | bytes, code: str, fix: Fix) -> None:
    """What was meant is not guessed, and nothing that stands is overwritten by a rename."""
    outcome = mend(letter(body, code), [fix])
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "not_mendable"


def test_commands_with_other_fixes_differ() -> None:
    """The digest under which a command is remembered tells each fix from every other."""
    fixes: list[Fix] = [
        Default(path="a", value="b"),
        SetValue(path="a", written="b"),
        Rename(path="a", to="b"),
        MapValues(path="a", values={"b": "c"}),
    ]
    assert len({digest({"fixes": [fix]}) for fix in fixes}) == len(fixes)
