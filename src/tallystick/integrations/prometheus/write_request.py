"""
The message of remote write 1.0, described to protobuf field by field.

    WriteRequest { repeated TimeSeries timeseries = 1; }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
    Label        { string name = 1; string value = 2; }
    Sample       { double value = 1; int64 timestamp = 2; }

Fields that are not listed (exemplars, histograms, metadata) are passed over.
Source: Prometheus Remote-Write Specification 1.0.
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
WriteRequest: Any = GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.WriteRequest"))
"""The class of the message; its fields are known at run time alone."""
