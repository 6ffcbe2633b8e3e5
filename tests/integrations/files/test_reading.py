"""Files of every form become events, and what is wrong is told with file, row and column."""

import gzip
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tallystick.integrations.files import (
    EventLines,
    FileEvents,
    RowProblem,
    UnreadableFile,
    event_file,
    mapping_from_document,
)
from tallystick.kernel import Done

MAPPING = {
    "format": "csv",
    "source": "shop",
    "type": "call",
    "id": "{id}",
    "subject": "vm-{vm}",
    "time": "at",
    "data": {"calls": "calls", "tier": {"column": "tier", "type": "text"}},
}
HEADER = "id,vm,at,calls,tier\n"
AT = "2026-01-01T00:00:00Z"


def _read(path: Path, document: object) -> tuple[list[dict[str, str]], list[RowProblem]]:
    outcome = mapping_from_document(document)
    assert isinstance(outcome, Done), outcome
    events: list[dict[str, str]] = []
    problems: list[RowProblem] = []
    for part in event_file(path, outcome.value).parts():
        assert isinstance(part, FileEvents)
        events += part.table.to_pylist()
        problems += part.problems
        assert part.table.num_rows == len(part.row_numbers)
    return events, problems


def _csv(
    tmp_path: Path, text: str, **changed: object
) -> tuple[list[dict[str, str]], list[RowProblem]]:
    path = tmp_path / "usage.csv"
    path.write_text(HEADER + text)
    return _read(path, MAPPING | changed)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", "1"),
        ("1.50", "1.50"),
        ("-0.000000000000000001", "-0.000000000000000001"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
        ("007", "7"),
        ("1e3", "1000"),
        (" 2 ", "2"),
        ("0.1000000000000000055511151231257827"[:20], "0.100000000000000005"),
    ],
)
def test_numbers_are_exactly_what_the_file_says(tmp_path: Path, written: str, read: str) -> None:
    """No number passes through a float: text in, the same number out."""
    events, problems = _csv(tmp_path, f"a,1,{AT},{written},x\n")
    assert not problems
    assert events[0]["data"] == f'{{"calls":{read},"tier":"x"}}'


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (f"a,1,{AT},NaN,x", "calls", "missing"),
        (f"a,1,{AT},Infinity,x", "calls", "missing"),
        (f"a,1,{AT},ten,x", "calls", "12.5"),
        (f"a,1,{AT},123456789012345678901,x", "calls", "20 digits"),
        (f"a,1,{AT},0.1234567890123456789,x", "calls", "18 behind"),
        ("a,1,yesterday,1,x", "at", "2026-01-01T00:00:00Z"),
        ("a,1,,1,x", "at", "no time"),
        (f",1,{AT},1,x", "id", "empty"),
    ],
)
def test_a_bad_value_makes_one_bad_row(tmp_path: Path, row: str, column: str, words: str) -> None:
    """The rows around it go through; the message names file, row and column, and what is right."""
    good = f"b,1,{AT},1,x"
    events, problems = _csv(tmp_path, f"{good}\n{row}\n{good}\n")
    assert [event["id"] for event in events] == ["b", "b"]
    (problem,) = problems
    assert (problem.file, problem.row, problem.column) == ("usage.csv", 2, column)
    assert words in problem.message


def test_invalid_utf8_is_a_bad_row(tmp_path: Path) -> None:
    """A broken character spoils its row, not the file."""
    path = tmp_path / "usage.csv"
    path.write_bytes(HEADER.encode() + f"a,1,{AT},1,gr\xfcn\nb,1,{AT},1,x\n".encode("latin-1"))
    events, problems = _read(path, MAPPING)
    assert [event["id"] for event in events] == ["b"]
    assert "UTF-8" in problems[0].message
    assert problems[0].row == 1


def test_empty_values_are_left_out_not_zero(tmp_path: Path) -> None:
    """A missing value is absent from the data: unmeterable, never read as 0."""
    events, _ = _csv(tmp_path, f"a,1,{AT},,-\n", missing=["-"])
    assert events[0]["data"] == "{}"


def test_text_is_escaped(tmp_path: Path) -> None:
    """Quotes, newlines and foreign letters of a value survive as JSON."""
    path = tmp_path / "usage.csv"
    path.write_text(f'{HEADER}a,1,{AT},1,"say ""hé""\nagain"\n', encoding="utf-8")
    events, _ = _read(path, MAPPING)
    assert json.loads(events[0]["data"])["tier"] == 'say "hé"\nagain'


def test_a_file_with_windows_line_ends_and_a_mark(tmp_path: Path) -> None:
    """A spreadsheet's export (byte order mark, CRLF, semicolons) reads as any other."""
    path = tmp_path / "usage.csv"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + HEADER.replace(",", ";").replace("\n", "\r\n").encode()
        + f"a;1;{AT};1;x\r\n".encode()
    )
    events, problems = _read(path, MAPPING | {"delimiter": ";"})
    assert not problems
    assert events[0]["data"] == '{"calls":1,"tier":"x"}'


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    """A column that is not there stops before the first event, and names the likely one."""
    path = tmp_path / "usage.csv"
    path.write_text("id,vm,at,cals,tier\n")
    path.write_text(f"id,vm,at,cals,tier\na,1,{AT},1,x\n")
    with pytest.raises(UnreadableFile, match=r"'calls'.*did you mean 'cals'"):
        _read(path, MAPPING)


def test_a_row_with_too_few_values_says_which(tmp_path: Path) -> None:
    """A ragged row cannot be guessed at; the message shows it and the columns."""
    with pytest.raises(UnreadableFile, match=r"Expected 5 columns, got 3.*id, vm, at, calls, tier"):
        _csv(tmp_path, f"a,1,{AT}\n")


def test_a_header_that_names_a_column_twice(tmp_path: Path) -> None:
    """Two columns of one name are refused, not chosen from."""
    path = tmp_path / "usage.csv"
    path.write_text("id,id\n")
    with pytest.raises(UnreadableFile, match="two columns"):
        _read(path, MAPPING)


def test_an_empty_file_has_no_events(tmp_path: Path) -> None:
    """A file with a header alone, or nothing at all, is no error."""
    assert _csv(tmp_path, "") == ([], [])


def _pack(path: Path, content: bytes, pack: str) -> None:
    if pack == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("usage.csv", content)
        return
    packed = gzip.compress if pack == "gz" else zstandard.ZstdCompressor().compress
    path.write_bytes(packed(content))


@pytest.mark.parametrize("pack", ["gz", "zst", "zip"])
def test_packed_files_are_told_by_content(tmp_path: Path, pack: str) -> None:
    """Gzip, zstd and a zip with one file are unpacked whatever they are called."""
    content = f"{HEADER}a,1,{AT},1,x\n".encode()
    path = tmp_path / "usage.data"
    _pack(path, content, pack)
    events, _ = _read(path, MAPPING)
    assert [event["id"] for event in events] == ["a"]


@pytest.mark.parametrize("pack", ["gz", "zst", "zip"])
def test_a_truncated_packed_file_is_an_error(tmp_path: Path, pack: str) -> None:
    """A download cut short is never taken for a shorter file."""
    rows = "".join(f"{n},{n * 7919},{AT},{n * n},x\n" for n in range(5000))
    path = tmp_path / "usage.csv"
    _pack(path, (HEADER + rows).encode(), pack)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match="cut short"):
        _read(path, MAPPING)


def test_default_ids_follow_content_not_packing(tmp_path: Path) -> None:
    """Without an id column the same content has the same ids, packed or not; other content not."""
    document = {key: value for key, value in MAPPING.items() if key != "id"}
    content = f"{HEADER}a,1,{AT},1,x\na,1,{AT},1,x\n".encode()
    ids = []
    for name, data in (
        ("a.csv", content),
        ("b.gz", gzip.compress(content)),
        ("c.csv", content + b"b,1,,1,x\n"),
    ):
        (tmp_path / name).write_bytes(data)
        events, _ = _read(tmp_path / name, document)
        ids.append([event["id"] for event in events])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert not set(ids[0]) & set(ids[2])


@pytest.mark.parametrize(
    ("rule", "written", "read"),
    [
        ({"format": "unix_s"}, "1376314846", "2013-08-12T13:40:46.000000Z"),
        ({"format": "unix_s"}, "1376314846.25", "2013-08-12T13:40:46.250000Z"),
        ({"format": "unix_ms"}, "1376314846001", "2013-08-12T13:40:46.001000Z"),
        ({"format": "unix_us"}, "-1", "1969-12-31T23:59:59.999999Z"),
        (
            {"format": "unix_s", "origin": "1993-10-01T07:00:03Z"},
            "60",
            "1993-10-01T07:01:03.000000Z",
        ),
        ({"format": "clf"}, "17/May/2015:10:05:03 +0200", "2015-05-17T08:05:03.000000Z"),
        (
            {"pattern": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
            "01.07.2026 12:30",
            "2026-07-01T10:30:00.000000Z",
        ),
        ({"zone": "UTC"}, "2026-01-01 05:00:00", "2026-01-01T05:00:00.000000Z"),
        ({}, "2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00.000000Z"),
    ],
)
def test_times(tmp_path: Path, rule: dict[str, str], written: str, read: str) -> None:
    """Each way to write a time gives one instant in UTC."""
    events, problems = _csv(tmp_path, f"a,1,{written},1,x\n", time={"column": "at"} | rule)
    assert not problems
    assert events[0]["time"] == read


def test_a_time_without_zone_asks_for_one(tmp_path: Path) -> None:
    """A naive time is never taken as UTC by itself."""
    rule = {"column": "at", "pattern": "%Y-%m-%d"}
    _, problems = _csv(tmp_path, "a,1,2026-01-01,1,x\n", time=rule)
    assert "time.zone" in problems[0].message


def test_seconds_taken_for_microseconds_are_noticed(tmp_path: Path) -> None:
    """A count that leads out of the calendar asks whether the format is right."""
    rule = {"column": "at", "format": "unix_s"}
    _, problems = _csv(tmp_path, "a,1,1376314846000000,1,x\n", time=rule)
    assert "time.format" in problems[0].message


def test_products_are_exact(tmp_path: Path) -> None:
    """0.1 times 0.2 is 0.02; a product with a missing factor is missing."""
    path = tmp_path / "jobs.swf"
    path.write_text("; a comment\n  1  0.1  0.2\n\n  2  -1   5\n")
    document = {
        "format": "csv",
        "delimiter": "whitespace",
        "comment": ";",
        "columns": ["job", "seconds", "nodes"],
        "missing": ["-1"],
        "source": "jobs",
        "type": "job",
        "id": "{job}",
        "data": {"node_seconds": {"product": ["seconds", "nodes"]}},
    }
    events, _ = _read(path, document)
    assert [event["data"] for event in events] == ['{"node_seconds":0.02}', "{}"]


def test_a_product_with_too_many_digits_is_refused(tmp_path: Path) -> None:
    """A product beyond 20 and 18 digits is an error of its row, never cut."""
    _, problems = _csv(
        tmp_path,
        f"a,0.0000000001,{AT},0.0000000001,x\n",
        data={"p": {"product": ["vm", "calls"]}},
        subject="s",
    )
    assert (problems[0].column, problems[0].row) == ("vm x calls", 1)


def test_access_log_lines(tmp_path: Path) -> None:
    """Common and combined lines, no bytes, a line cut in its agent, and one that is none."""
    path = tmp_path / "access.log"
    path.write_text(
        '10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a\\"b HTTP/1.1" 200 10 "-" "curl"\n'
        '10.0.0.2 - ann [17/May/2015:10:05:04 +0000] "HEAD / HTTP/1.0" 304 -\n'
        '10.0.0.3 - - [17/May/2015:10:05:05 +0000] "GET / HTTP/1.1" 200 235 "-" "Mozilla/5.0 (\n'
        "not a line\n"
    )
    document = {
        "format": "combined",
        "source": "web",
        "type": "request",
        "subject": "{client}",
        "time": {"column": "time", "format": "clf"},
        "data": {"bytes": "bytes", "path": {"column": "path", "type": "text"}},
    }
    events, problems = _read(path, document)
    assert [json.loads(event["data"])["bytes"] for event in events] == [10, 0, 235]
    assert json.loads(events[0]["data"])["path"] == '/a\\"b'
    assert [(each.row, each.column) for each in problems] == [(4, "")]


def test_parquet_types_are_taken_exactly(tmp_path: Path) -> None:
    """Floats by their shortest text, decimals and integers as they are, NaN as an error."""
    table = pa.table(
        {
            "id": pa.array(["a", "b", "c"]).dictionary_encode(),
            "at": pa.array([0, 1_500, 2_000], pa.timestamp("ms", tz="UTC")),
            "used": pa.array([0.1, 1e-7, float("nan")]),
            "exact": pa.array([Decimal("1.50"), Decimal("1E-10"), None], pa.decimal128(38, 10)),
            "whole": pa.array([1, 2**63 - 1, None], pa.int64()),
            "on": pa.array([True, False, None]),
        }
    )
    path = tmp_path / "vm.parquet"
    pq.write_table(table, path)
    document = {
        "format": "parquet",
        "source": "vms",
        "type": "sample",
        "id": "{id}",
        "time": "at",
        "data": {
            "used": "used",
            "exact": "exact",
            "whole": "whole",
            "on": {"column": "on", "type": "boolean"},
        },
    }
    events, problems = _read(path, document)
    assert events[0]["data"] == '{"used":0.1,"exact":1.5000000000,"whole":1,"on":true}'
    assert events[1]["data"] == (
        '{"used":0.0000001,"exact":0.0000000001,"whole":9223372036854775807,"on":false}'
    )
    assert events[1]["time"] == "1970-01-01T00:00:01.500000Z"
    assert (problems[0].row, problems[0].column) == (3, "used")


def test_a_list_column_cannot_be_mapped(tmp_path: Path) -> None:
    """A column that is no single value is refused with its type."""
    path = tmp_path / "vm.parquet"
    pq.write_table(pa.table({"id": ["a"], "used": [[1]]}), path)
    document = {
        "format": "parquet",
        "source": "s",
        "type": "t",
        "id": "{id}",
        "data": {"u": "used"},
    }
    with pytest.raises(UnreadableFile, match="list"):
        _read(path, document)


def test_event_columns_need_no_mapping(tmp_path: Path) -> None:
    """An Arrow stream or Parquet file that has the columns of an event is read as it is."""
    table = pa.table({"source": ["s"], "id": ["1"], "type": ["t"], "data": ['{"n":1.10}']})
    pq.write_table(table, tmp_path / "events.parquet")
    with (
        pa.OSFile(str(tmp_path / "events.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    for name in ("events.parquet", "events.arrow"):
        (part,) = event_file(tmp_path / name, None).parts()
        assert isinstance(part, FileEvents)
        (event,) = part.table.to_pylist()
        assert (event["id"], event["data"], event["time"]) == ("1", '{"n":1.10}', "")


def test_ndjson_goes_on_line_by_line_unchanged(tmp_path: Path) -> None:
    """Lines are not parsed here: spelling of numbers, bad lines and all go to the gate."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"id":"1","data":{"n":1.10}}\n\n{"id": broken\n{"id":"3"}')
    (part,) = event_file(path, None).parts()
    assert isinstance(part, EventLines)
    assert part.line_numbers == (1, 3, 4)
    assert part.body == b'{"id":"1","data":{"n":1.10}}\n{"id": broken\n{"id":"3"}\n'


def test_what_is_not_an_event_file_says_what_to_do(tmp_path: Path) -> None:
    """No file, a directory, CSV without mapping, damaged Parquet: each has its sentence."""
    (tmp_path / "a.csv").write_text("id,b\n")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 but no more")
    for name, words in (
        ("nowhere", "no such file"),
        ("", "directory"),
        ("a.csv", "--mapping"),
        ("b.parquet", "damaged"),
    ):
        with pytest.raises(UnreadableFile, match=words):
            list(event_file(tmp_path / name, None).parts())
