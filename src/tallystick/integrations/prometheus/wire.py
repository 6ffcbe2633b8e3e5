"""
The messages of remote write and remote read 1.0, described to protobuf field by field.

    WriteRequest { repeated TimeSeries timeseries = 1; }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
    Label        { string name = 1; string value = 2; }
    Sample       { double value = 1; int64 timestamp = 2; }

    ReadRequest  { repeated Query queries = 1; }
    Query        { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2;
                   repeated LabelMatcher matchers = 3; }
    LabelMatcher { enum Type type = 1; string name = 2; string value = 3; }
    ReadResponse { repeated QueryResult results = 1; }
    QueryResult  { repeated TimeSeries timeseries = 1; }

Fields that are not listed (exemplars, histograms, metadata, hints) are passed over. The type of a
matcher is written as a number: 0 equal, 2 a regular expression.
Source: Prometheus Remote-Write Specification 1.0; the remote read API of Prometheus.
"""

from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "tallystick.prometheus"
_MANY, _ONE = FieldDescriptorProto.LABEL_REPEATED, FieldDescriptorProto.LABEL_OPTIONAL
_STRING, _DOUBLE = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_DOUBLE
_INT64, _MESSAGE = FieldDescriptorProto.TYPE_INT64, FieldDescriptorProto.TYPE_MESSAGE
_FIELDS = {
    "Label": (("name", 1, _ONE, _STRING, ""), ("value", 2, _ONE, _STRING, "")),
    "Sample": (("value", 1, _ONE, _DOUBLE, ""), ("timestamp", 2, _ONE, _INT64, "")),
    "TimeSeries": (
        ("labels", 1, _MANY, _MESSAGE, "Label"),
        ("samples", 2, _MANY, _MESSAGE, "Sample"),
    ),
    "WriteRequest": (("timeseries", 1, _MANY, _MESSAGE, "TimeSeries"),),
    "LabelMatcher": (
        ("type", 1, _ONE, _INT64, ""),
        ("name", 2, _ONE, _STRING, ""),
        ("value", 3, _ONE, _STRING, ""),
    ),
    "Query": (
        ("start_timestamp_ms", 1, _ONE, _INT64, ""),
        ("end_timestamp_ms", 2, _ONE, _INT64, ""),
        ("matchers", 3, _MANY, _MESSAGE, "LabelMatcher"),
    ),
    "ReadRequest": (("queries", 1, _MANY, _MESSAGE, "Query"),),
    "QueryResult": (("timeseries", 1, _MANY, _MESSAGE, "TimeSeries"),),
    "ReadResponse": (("results", 1, _MANY, _MESSAGE, "QueryResult"),),
}


def _described() -> FileDescriptorProto:
    file = FileDescriptorProto(name="remote_write.proto", package=PACKAGE, syntax="proto3")
    for message, fields in _FIELDS.items():
        described = file.message_type.add(name=message)
        for name, number, label, kind, of in fields:
            type_name = f".{PACKAGE}.{of}" if of else None
            described.field.add(
                name=name, number=number, label=label, type=kind, type_name=type_name
            )
    return file


_POOL = DescriptorPool()
_POOL.Add(_described())


def _class_of(name: str) -> Any:  # noqa: ANN401 - its fields are known at run time alone
    return GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


WriteRequest: Any = _class_of("WriteRequest")
ReadRequest: Any = _class_of("ReadRequest")
ReadResponse: Any = _class_of("ReadResponse")
