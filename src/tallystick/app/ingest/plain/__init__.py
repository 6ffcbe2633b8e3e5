"""Plain events, read by compiled code: the lane that nearly all events take."""

from tallystick.app.ingest.plain.lane import parse_array, parse_columns, parse_each, parse_lines

__all__ = ["parse_array", "parse_columns", "parse_each", "parse_lines"]
