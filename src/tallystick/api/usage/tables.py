"""
Usage as a table: CSV and Arrow, for spreadsheets and data frames.

Both have the columns of the JSON items, in one order. Quantities are exact decimal texts in all
three, since no numeric type of Arrow or of a spreadsheet holds every one; instants are UTC. A
group's column is named by its dimension behind ``group_``, so that it cannot hide another column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pyarrow as pa

from tallystick.app.metering import InquiryLine, UsageInquiry
from tallystick.kernel import instant_text

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
_INSTANT = pa.timestamp("us", tz="UTC")


def usage_table(inquiry: UsageInquiry, lines: Sequence[InquiryLine]) -> pa.Table:
    """Return the rows as columns; those of what was not asked for are left out."""
    columns = [
        ("meter", pa.string(), [line.meter for line in lines]),
        ("unit", pa.string(), [line.unit for line in lines]),
        ("window_start", _INSTANT, [line.start for line in lines]),
        ("window_end", _INSTANT, [line.end for line in lines]),
        *(
            (f"group_{name}", pa.string(), [line.group[name] for line in lines])
            for name in inquiry.group_by
        ),
        ("others", pa.bool_(), [line.others for line in lines]),
        ("quantity", pa.string(), [line.quantity for line in lines]),
        ("events", pa.int64(), [line.events for line in lines]),
        ("unmeterable", pa.int64(), [line.unmeterable for line in lines]),
        ("gap_seconds", pa.string(), [line.gap_seconds for line in lines]),
        ("gaps", pa.int64(), [line.gaps for line in lines]),
    ]
    if inquiry.running:
        columns.append(("running_total", pa.string(), [line.running_total for line in lines]))
    if inquiry.compare is not None:
        columns += _earlier_columns(lines)
    schema = pa.schema([(name, kind) for name, kind, _ in columns])
    return pa.table([pa.array(values, kind) for _, kind, values in columns], schema=schema)


def _earlier_columns(lines: Sequence[InquiryLine]) -> list[tuple[str, pa.DataType, list[object]]]:
    earlier = [line.earlier for line in lines]
    texts = ("quantity", "change", "change_percent")
    return [
        *(
            (
                f"earlier_window_{name}",
                _INSTANT,
                [None if one is None else getattr(one, name) for one in earlier],
            )
            for name in ("start", "end")
        ),
        *(
            (
                name if name.startswith("change") else f"earlier_{name}",
                pa.string(),
                [None if one is None else getattr(one, name) for one in earlier],
            )
            for name in texts
        ),
    ]


def arrow_stream(table: pa.Table) -> bytes:
    """Return a table as an Arrow IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def csv_text(table: pa.Table) -> bytes:
    """Return a table as CSV (RFC 4180) with a header; an absent cell is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    columns = [
        [instant_text(each) if each is not None else "" for each in column.to_pylist()]
        if column.type == _INSTANT
        else ["" if each is None else _cell(each) for each in column.to_pylist()]
        for column in table.columns
    ]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
