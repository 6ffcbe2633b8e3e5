"""What the plain lane takes, and what it leaves to the careful one."""

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ingest import INSTANT
from tallystick.app.ingest.careful_lane import parse_carefully
from tallystick.app.ingest.plain import parse_array, parse_each, parse_lines
from tallystick.app.ingest.plain.instants import MISSING, UNREAD, read_instants
from tests.ingest.batches import event, scope

GOOD = '"specversion":"1.0","id":"a","source":"s","type":"t"'


@pytest.mark.parametrize(
    "text",
    [
        "{" + GOOD + "}",
        "{" + GOOD + ' , "data" : { } }',
        "{" + GOOD + ',"data":{"v":"a \\"quoted\\" \\u00e9","w":[true,false,null,[],{}]}}',
        "{" + GOOD + ',"data":{"a":{"x":1},"b":{"x":1}}}',
        "{" + GOOD + ',"data":{"v":-0.5,"w":123456789012345678}}',
        "{" + GOOD + ',"traceparent":"00-ab-cd-01","dataschema":"https://x","n":7}',
        "{" + GOOD + ',"subject":"Köln","time":"2026-06-15T11:00:00.5+02:00"}',
        '{"data":{"type":"x"},' + GOOD + "}",
    ],
)
def test_what_producers_usually_send_is_plain(text: str) -> None:
    """Such an event takes the plain lane, with the row and identity of the careful one."""
    plain, careful = parse_each([text.encode()], scope()), parse_carefully([text.encode()], scope())
    assert plain is not None
    assert careful.rejections == ()
    assert plain.batch.equals(careful.batch)
    assert (plain.keys.tolist(), plain.digests.tolist()) == (
        careful.keys.tolist(),
        careful.digests.tolist(),
    )


@pytest.mark.parametrize(
    "text",
    [
        "{" + GOOD + ',"id":"b"}',
        "{" + GOOD + ',"data":{"v":1,"v":2}}',
        "{" + GOOD + ',"data":{"v":{"w":1,"w":2}}}',
        "{" + GOOD + ',"data":{"\\u0076":1,"v":2}}',
        "{" + GOOD + ',"data":{"v":1e3}}',
        "{" + GOOD + ',"data":{"v":01}}',
        "{" + GOOD + ',"data":{"v":.5}}',
        "{" + GOOD + ',"data":{"v":1.}}',
        "{" + GOOD + ',"data":{"v":+1}}',
        "{" + GOOD + ',"data":{"v":1234567890123456789}}',
        "{" + GOOD + ',"data":{"v":NaN}}',
        "{" + GOOD + ',"data":{"v":"\\ud800"}}',
        "{" + GOOD + ',"data":{"v":"\\x"}}',
        "{" + GOOD + ',"data":{"v":"\t"}}',
        "{" + GOOD + ',"data":{"v":1,}}',
        "{" + GOOD + ',"data":{"v":[1,]}}',
        "{" + GOOD + ',"data":{"v":[1}]}',
        "{" + GOOD + ',"data":[]}',
        "{" + GOOD + ',"data":null}',
        "{" + GOOD + ',"subject":null}',
        "{" + GOOD + ',"subject":"a\\nb"}',
        "{" + GOOD + ',"subject":"a\x7fb"}',
        "{" + GOOD + ',"traceparent":"a","traceparent":"b"}',
        "{" + GOOD + ',"eventType":"a"}',
        "{" + GOOD + ',"ext":{}}',
        "{" + GOOD + ',"datacontenttype":"text/xml"}',
        "{" + GOOD + ',"time":"2026-06-15 11:00:00Z"}',
        "{" + GOOD + ',"time":"2026-06-15T11:00:00.1234567Z"}',
        "{" + GOOD + ',"time":"2026-06-15T14:00:00Z"}',
        "{" + GOOD + ',"data":' + '{"a":' * 20 + "1" + "}" * 20 + "}",
        "{" + GOOD + ',"source":"' + "x" * 513 + '"}',
        GOOD.join("{}").replace('"1.0"', '"1.1"'),
        GOOD.join("{}").replace('"a"', '""'),
        "{" + GOOD,
        "{" + GOOD + "}}",
        "{" + GOOD + "} {",
        "{}",
        "",
        "[]",
        "[{" + GOOD + "}",
        '"' + "{" + GOOD + "}",
    ],
)
def test_what_asks_for_a_decision_is_left_to_the_careful_lane(text: str) -> None:
    """Anything odd is not plain in any form of body, wherever it stands."""
    good = b"{" + GOOD.encode() + b"}"
    for odd in (text.encode(), text.encode() + b"\xff"):
        assert parse_each([odd], scope()) is None
        assert parse_each([good, odd, good], scope()) is None
        assert parse_array(b"[" + good + b"," + odd + b"]", scope()) is None
        assert parse_array(b"[" + odd + b"," + good + b"]", scope()) is None
        if odd:
            assert parse_lines(good + b"\n" + odd + b"\n" + good, scope()) is None


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_body_is_plain_only_if_it_is_an_event(place: int, byte: int) -> None:
    """Whichever byte is changed: what is still plain, the careful lane takes as well, and equal."""
    whole = json.dumps(
        event("é1", data={"v": 1.5, "w": ["x", {"y": -2}], "u": "\u20ac"}, traceparent="00-1"),
        ensure_ascii=False,
    ).encode()
    place %= len(whole)
    damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
    plain = parse_each([damaged], scope())
    if plain is not None:
        careful = parse_carefully([damaged], scope())
        assert careful.rejections == ()
        assert plain.batch.equals(careful.batch)
        assert plain.digests.tolist() == careful.digests.tolist()


_TIMES = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(st.lists(_TIMES, min_size=1, max_size=5))
def test_times_are_those_of_arrow(times: list[datetime]) -> None:
    """An instant is the same, whoever reads its text."""
    texts = [time.isoformat() for time in times]
    text = "".join(texts).encode()
    ends = np.cumsum([len(t) for t in texts])
    read = read_instants(np.frombuffer(text, np.uint8), ends - [len(t) for t in texts], ends)
    assert pa.array(read).cast(INSTANT).equals(pa.array(texts).cast(INSTANT))
    assert [pa.scalar(value, INSTANT).as_py() for value in read.tolist()] == [
        time.astimezone(UTC) for time in times
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00z",
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00ZZ",
        "0000-01-01T00:00:00Z",
        "+026-01-01T00:00:00Z",
        "202-001-01T00:00:00Z0",
    ],
)
def test_other_spellings_of_times_are_left_unread(text: str) -> None:
    """Only the exact form is read; no day or hour that does not exist."""
    places = np.array([0]), np.array([len(text)])
    assert read_instants(np.frombuffer(text.encode(), np.uint8), *places).tolist() == [UNREAD]
    assert read_instants(np.frombuffer(b"", np.uint8), *(np.array([0]),) * 2).tolist() == [MISSING]
