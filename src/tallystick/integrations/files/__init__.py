"""Usage from files: NDJSON, CSV and other delimited text, access logs, Parquet, Arrow."""

from tallystick.integrations.files.delivery import (
    Delivered,
    Send,
    check_file,
    deliver_file,
    deliver_part,
    read_ahead,
)
from tallystick.integrations.files.json_lines import EventLines
from tallystick.integrations.files.mapping import FileFormat, FileMapping
from tallystick.integrations.files.mapping_document import mapping_from_document
from tallystick.integrations.files.mapping_file import load_mapping
from tallystick.integrations.files.problems import RowProblem, UnreadableFile
from tallystick.integrations.files.reader import EventFile, Part, event_file
from tallystick.integrations.files.shape import FileEvents

__all__ = [
    "Delivered",
    "EventFile",
    "EventLines",
    "FileEvents",
    "FileFormat",
    "FileMapping",
    "Part",
    "RowProblem",
    "Send",
    "UnreadableFile",
    "check_file",
    "deliver_file",
    "deliver_part",
    "event_file",
    "load_mapping",
    "mapping_from_document",
    "read_ahead",
]
