"""The lanes of the gate: what is taken, what is refused, and that both lanes agree."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ingest import ARROW, Parsed, UnknownMediaType, parse_body
from tallystick.app.ingest.careful_lane import parse_carefully
from tallystick.app.ingest.plain import parse_array, parse_each, parse_lines
from tallystick.kernel import Misuse
from tests.ingest.batches import JSON, NOW, event, scope

OLD = '{"specversion":"0.3","id":"a","source":"s","type":"t"}'
GOOD_OF = '{"specversion":"1.0","id":"a","source":"%s","type":"%s"}'
GOOD = '"specversion":"1.0","id":"a","source":"s","type":"t"'


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("{" + GOOD + ',"data":{"v":1,"v":2}}', "key_repeated", "v"),
        ("{" + GOOD + ',"id":"b"}', "key_repeated", "id"),
        ("{" + GOOD + ' , "id" :"b"}', "key_repeated", "id"),
        ("{" + GOOD + ',"data":{"v":NaN}}', "not_a_number", "data"),
        ("{" + GOOD + ',"data":{"v":-Infinity}}', "not_a_number", "data"),
        ("{" + GOOD + ',"data":{"v":123456789012345678901}}', "number_too_long", "data"),
        ("{" + GOOD + ',"data":{"v":0.1234567890123456789}}', "number_too_long", "data"),
        ("{" + GOOD + ',"data":{"v":1e21}}', "number_too_long", "data"),
        ("{" + GOOD + ',"data":[1]}', "data_not_an_object", "data"),
        ("{" + GOOD + ',"data":"x"}', "data_not_an_object", "data"),
        ("{" + GOOD + ',"data_base64":"AA=="}', "data_not_json", "data"),
        ("{" + GOOD + ',"datacontenttype":"text/xml","data":{}}', "data_not_json", "data"),
        ("{" + GOOD + ',"time":"yesterday"}', "time_invalid", "time"),
        ("{" + GOOD + ',"time":"2026-06-15T11:00:00"}', "time_invalid", "time"),
        ("{" + GOOD + ',"time":"2026-06-15T13:00:00.000001Z"}', "time_in_future", "time"),
        ("{" + GOOD + ',"time":"1900-01-01T00:00:00Z"}', "too_old", "time"),
        ("{" + GOOD + ',"eventType":"x"}', "attribute_unknown", "eventType"),
        ("{" + GOOD + ',"subject":"a\\u0000b"}', "control_character", "subject"),
        ("{" + GOOD + ',"subject":7}', "attribute_invalid", "subject"),
        ('{"specversion":"1.0","id":"","source":"s","type":"t"}', "attribute_invalid", "id"),
        ('{"specversion":"1.0","source":"s","type":"t"}', "attribute_invalid", ""),
        (OLD, "attribute_invalid", "specversion"),
        (GOOD_OF % ("s", "tallystick.event.voided"), "reserved", "type"),
        (GOOD_OF % ("tallystick:corrections", "t"), "reserved", "source"),
        ("{" + GOOD + ',"data":' + '{"a":' * 40 + "1" + "}" * 40 + "}", "too_deep", "data"),
        ("{" + GOOD + ',"data":' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}", "too_deep", "data"),
        ("{" + GOOD + ',"data":{"v":"' + "x" * 70_000 + '"}}', "data_too_long", "data"),
        ('{"id', "not_json", ""),
        ("[]", "not_an_object", ""),
    ],
)  # fmt: skip
def test_a_bad_event_is_refused_with_its_reason_and_the_others_are_taken(
    text: str, code: str, path: str
) -> None:
    """One bad line of a batch is rejected with code and path; its neighbours are accepted."""
    body = "\n".join([json.dumps(event("1")), text, json.dumps(event("2"))]).encode()
    (result,) = parse_body(body, scope(), content_type="application/x-ndjson", headers={})
    assert [(r.index, r.code, r.path) for r in result.rejections] == [(1, code, path)]
    assert list(result.index) == [0, 2]


def test_invalid_utf8_is_refused_with_its_place() -> None:
    """Bytes that are not UTF-8 reject the event that holds them."""
    body = b"{" + GOOD.encode() + b',"data":{"v":"\xff"}}'
    (result,) = parse_body(body, scope(), content_type=JSON, headers={})
    assert [r.code for r in result.rejections] == ["not_utf8"]


@pytest.mark.parametrize("body", [b"[{", b"[1,", b"\x00", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused_as_a_whole(body: bytes) -> None:
    """What cannot be split into events is not taken in part."""
    if body.startswith(b"["):
        with pytest.raises(Misuse, match="not a JSON array"):
            parse_body(body, scope(), content_type=JSON, headers={})
    else:
        (result,) = parse_body(body, scope(), content_type=JSON, headers={})
        assert [r.code for r in result.rejections] == ["not_json"]


def test_an_unknown_media_type_is_named() -> None:
    """A content type that carries no events is an error of the request."""
    with pytest.raises(UnknownMediaType, match="image/png"):
        parse_body(b"", scope(), content_type="image/png", headers={})


def test_numbers_with_exponents_are_stored_plain() -> None:
    """No exponent reaches the log, and the value is the same."""
    body = b"{" + GOOD.encode() + b',"data":{"v":1.5e3,"w":[2E-3]}}'
    (result,) = parse_body(body, scope(), content_type=JSON, headers={})
    assert result.batch.column("data").to_pylist() == ['{"v":1500,"w":[0.002]}']


def test_nanoseconds_are_cut_and_zones_applied() -> None:
    """An instant has microseconds in UTC, whatever zone it was written in."""
    times = ["2026-06-15T11:00:00.123456789+02:00", "2026-06-15T09:00:00.123456Z"]
    (result,) = parse_body(
        json.dumps([event(str(n), time=t) for n, t in enumerate(times)]).encode(),
        scope(),
        content_type=JSON,
        headers={},
    )
    assert len(set(result.batch.column("used_at").to_pylist())) == 1


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**22), 10**22)
    | _TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_EVENTS = st.builds(
    event,
    _TEXT,
    source=_TEXT,
    subject=st.none() | _TEXT | st.just(""),
    sequence=st.none() | st.just("7"),
    time=st.none() | st.sampled_from(["2026-06-15T11:00:00Z", "2026-06-15T11:00:00.5+02:00", "?"]),
    data=st.none() | st.dictionaries(_TEXT, _VALUES, max_size=4),
)


@given(st.lists(_EVENTS, min_size=1, max_size=4), st.booleans())
def test_both_lanes_give_the_same(events: list[dict[str, Any]], compact: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever the plain lane takes, the careful lane takes with the same rows and identities."""
    separators = (",", ":") if compact else (", ", ": ")
    raws = [json.dumps(e, ensure_ascii=compact, separators=separators).encode() for e in events]
    careful = parse_carefully(raws, scope())
    plain = [
        parse_array(b"[" + b",".join(raws) + b"]", scope()),
        parse_lines(b"\n".join(raws), scope()),
        parse_each(raws, scope()),
    ]
    for taken in filter(None, plain):
        assert_same(taken, careful)
        assert careful.rejections == ()


def assert_same(one: Parsed, other: Parsed) -> None:
    """See that two lanes gave the same rows and identities."""
    assert one.batch.equals(other.batch)
    assert one.keys.tolist() == other.keys.tolist()
    assert one.digests.tolist() == other.digests.tolist()


def test_a_plain_batch_takes_the_plain_lane() -> None:
    """The usual batch is recognized as plain, or the plain lane would serve nobody."""
    nested = event("3", data={"user": {"id": "x"}, "list": [1, {"y": 2}]})
    raws = [event("1"), event("2", time=None, subject=None, data={"v": "4e5", "w": 12.5}), nested]
    for separators in ((",", ":"), (", ", ": ")):
        body = json.dumps(raws, separators=separators).encode()
        assert parse_array(body, scope()) is not None


def test_arrow_columns_are_the_same_events() -> None:
    """An Arrow stream gives the identities and rows of the JSON batch with the same content."""
    events = [event(str(n), data={"v": n}) for n in range(3)]
    names = ["source", "id", "type", "subject", "time"]
    columns: dict[str, list[str]] = {name: [str(e[name]) for e in events] for name in names}
    columns["data"] = [json.dumps(e["data"]) for e in events]
    table = pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    (arrow,) = parse_body(sink.getvalue().to_pybytes(), scope(), content_type=ARROW, headers={})
    (plain,) = parse_body(json.dumps(events).encode(), scope(), content_type=JSON, headers={})
    assert_same(arrow, plain)


def arrow_stream(subject: pa.Array, **options: Any) -> bytes:  # noqa: ANN401 - what Arrow takes
    """Return one event with this subject as an Arrow stream."""
    columns = {"source": pa.array(["s"]), "id": pa.array(["a"]), "type": pa.array(["t"])}
    table = pa.table(columns | {"subject": subject})
    sink = pa.BufferOutputStream()
    written = pa.ipc.IpcWriteOptions(**options)
    with pa.ipc.new_stream(sink, table.schema, options=written) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("end", [9_000, 2_000_000_000, -5], ids=["behind", "far", "before"])
def test_an_arrow_stream_cannot_reach_outside_of_itself(end: int) -> None:
    """Offsets that lie are refused before a byte is read: it would be memory of other requests."""
    whole = arrow_stream(pa.array(["x" * 7777]))
    told = whole.rindex(struct.pack("<2i", 0, 7777))
    lying = whole[:told] + struct.pack("<2i", 0, end) + whole[told + 8 :]
    with pytest.raises(Misuse, match="not an Arrow IPC stream"):
        parse_body(lying, scope(), content_type=ARROW, headers={})


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_an_arrow_stream_cannot_unpack_to_more_than_was_sent(codec: str) -> None:
    """Packed buffers pass every limit of a body, so they are refused unopened."""
    packed = arrow_stream(pa.array(["x" * 100_000]), compression=codec)
    with pytest.raises(Misuse, match="Content-Encoding"):
        parse_body(packed, scope(), content_type=ARROW, headers={})


def test_a_damaged_arrow_stream_is_a_mistake_of_its_sender() -> None:
    """Whichever byte is wrong or where the stream ends, it is taken or refused, never a failure."""
    whole = arrow_stream(pa.array(["acme"]))
    for at in range(0, len(whole), 3):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            with suppress(Misuse):
                parse_body(damaged, scope(), content_type=ARROW, headers={})


def test_arrow_with_a_bad_row_rejects_that_row_only() -> None:
    """The Arrow lane has the rules of the JSON lanes."""
    table = pa.table(
        {"source": ["s", "s"], "id": ["1", "2"], "type": ["t", "t"], "data": ["{}", "[]"]}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    (result,) = parse_body(sink.getvalue().to_pybytes(), scope(), content_type=ARROW, headers={})
    assert [(r.index, r.code) for r in result.rejections] == [(1, "data_not_an_object")]


@pytest.mark.parametrize(
    "named", [{"type": "tallystick.event.voided"}, {"source": "tallystick:corrections"}]
)
def test_no_lane_takes_a_correction_for_an_event(named: dict[str, str]) -> None:
    """Reserved names are refused in each form, so that nobody corrects by the way of ingest."""
    row = event("1", **named)
    text = json.dumps(row).encode()
    compact = json.dumps([row], separators=(",", ":")).encode()
    columns = {name: [row[name]] for name in ("source", "id", "type", "subject", "time")}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.table(columns).schema) as writer:
        writer.write_table(pa.table(columns))
    headers = {"ce-id": "1", "ce-specversion": "1.0"} | {
        f"ce-{name}": str(row[name]) for name in ("source", "type")
    }
    for body, media, sent in (
        (text, JSON, {}),
        (compact, JSON, {}),
        (text, "application/x-ndjson", {}),
        (sink.getvalue().to_pybytes(), ARROW, {}),
        (b"{}", JSON, headers),
    ):
        (result,) = parse_body(body, scope(), content_type=media, headers=sent)
        assert [rejection.code for rejection in result.rejections] == ["reserved"], (media, body)


def test_a_foreign_producer_is_understood() -> None:
    """Events made by the CloudEvents SDK, structured and binary, are the same event."""
    attributes = {"id": "9 %", "source": "Köln", "type": "t", "specversion": "1.0", "time": NOW}
    made = CloudEvent(attributes, {"v": 1})
    structured, binary = to_structured(made, JSONFormat()), to_binary(made, JSONFormat())
    results = []
    for message in (structured, binary):
        headers = {name.lower(): value for name, value in message.headers.items()}
        body = bytes(message.body)
        results += parse_body(
            body, scope(), content_type=headers.get("content-type", ""), headers=headers
        )
    assert [r.rejections for r in results] == [(), ()]
    assert results[0].keys.tolist() == results[1].keys.tolist()
