"""Ingest: the gate that every event passes, once and durably."""

from tallystick.app.ingest.append import append_submissions
from tallystick.app.ingest.bodies import ARROW, UnknownMediaType, parse_body
from tallystick.app.ingest.careful_lane import parse_carefully
from tallystick.app.ingest.columns import EVENT_SCHEMA, INSTANT
from tallystick.app.ingest.gate import FUTURE_MAX, Bury, Gate, IngestCounters
from tallystick.app.ingest.gate_rules import (
    GateRules,
    KnownHorizons,
    PersonalPaths,
    Protection,
    rows_of_types,
)
from tallystick.app.ingest.group_commit import Append, GroupCommit, Overloaded
from tallystick.app.ingest.hashing import Words, hash_parts, secret_words
from tallystick.app.ingest.load_events import Loader, positioned_tables
from tallystick.app.ingest.parsed import Parsed, Scope, content_digests, identity_keys
from tallystick.app.ingest.ports import (
    Block,
    EventLog,
    Identities,
    Known,
    LogBlocks,
    LogFull,
    Projection,
    StoredEvents,
)
from tallystick.app.ingest.repeats import first_rows
from tallystick.app.ingest.report import IngestReport, Rejection, Result, Status
from tallystick.app.ingest.roll_up import RolledUp, WholeBlocks, keep_rolled_up
from tallystick.app.ingest.rows import held_in, parsed_rows
from tallystick.app.ingest.wire import EVENTS_MAX

__all__ = [
    "ARROW",
    "EVENTS_MAX",
    "EVENT_SCHEMA",
    "FUTURE_MAX",
    "INSTANT",
    "Append",
    "Block",
    "Bury",
    "EventLog",
    "Gate",
    "GateRules",
    "GroupCommit",
    "Identities",
    "IngestCounters",
    "IngestReport",
    "Known",
    "KnownHorizons",
    "Loader",
    "LogBlocks",
    "LogFull",
    "Overloaded",
    "Parsed",
    "PersonalPaths",
    "Projection",
    "Protection",
    "Rejection",
    "Result",
    "RolledUp",
    "Scope",
    "Status",
    "StoredEvents",
    "UnknownMediaType",
    "WholeBlocks",
    "Words",
    "append_submissions",
    "content_digests",
    "first_rows",
    "hash_parts",
    "held_in",
    "identity_keys",
    "keep_rolled_up",
    "parse_body",
    "parse_carefully",
    "parsed_rows",
    "positioned_tables",
    "rows_of_types",
    "secret_words",
]
