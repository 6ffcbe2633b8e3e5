"""
Access logs of web servers, common and combined form, as columns.

    127.0.0.1 - ann [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 2326 "http://ref" "agent"

gives client, identity, user, time, request, method, path, protocol, status, bytes, referrer, agent.
A `-` means that there is none; for bytes that is 0, as the servers document it. A line that was cut
within its last quoted value is taken, for everything that is metered stands before.
"""

import itertools
import re
from collections.abc import Iterator

import pyarrow as pa

from tallystick.integrations.files.opened import Opened
from tallystick.integrations.files.rows import Rows

LINES_PER_BLOCK = 20_000
COLUMNS = (
    "client", "identity", "user", "time", "request", "method", "path", "protocol", "status",
    "bytes", "referrer", "agent",
)  # fmt: skip
UNREADABLE = "_unreadable"

_LINE = re.compile(
    rb"(?P<client>\S+) (?P<identity>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "
    rb'"(?P<request>[^"\\]*(?:\\.[^"\\]*)*)" (?P<status>\d{3}) (?P<bytes>\d+|-)'
    rb'(?: "(?P<referrer>[^"\\]*(?:\\.[^"\\]*)*)" "(?P<agent>[^"\\]*(?:\\.[^"\\]*)*)"?)?'
)
_REQUEST = re.compile(rb"(\S+) (\S+)(?: (\S+))?")
_NO_REQUEST = (b"", b"", b"")


def access_log_rows(file: Opened) -> Iterator[Rows]:
    """Yield the lines of a log; `UNREADABLE` holds the lines that are none, null for the others."""
    lines = (line.rstrip(b"\r\n") for line in file.stream)
    filled = (line for line in lines if line.strip())
    row = 1
    while block := list(itertools.islice(filled, LINES_PER_BLOCK)):
        records = [_record(line) for line in block]
        columns = {
            name: pa.array([each.get(name) for each in records], pa.binary())
            for name in (*COLUMNS, UNREADABLE)
        }
        yield Rows(first_row=row, count=len(block), columns=columns)
        row += len(block)


def _record(line: bytes) -> dict[str, bytes | None]:
    found = _LINE.fullmatch(line)
    if found is None:
        return {UNREADABLE: line}
    record: dict[str, bytes | None] = {
        name: None if value == b"-" else value for name, value in found.groupdict().items()
    }
    record["bytes"] = b"0" if found["bytes"] == b"-" else found["bytes"]
    request = _REQUEST.fullmatch(found["request"])
    parts = request.groups() if request else _NO_REQUEST
    record["method"], record["path"], record["protocol"] = (part or None for part in parts)
    return record
