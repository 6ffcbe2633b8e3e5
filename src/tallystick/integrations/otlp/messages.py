"""OTLP's messages: protobuf or JSON in, the same out."""

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from tallystick.kernel import Misuse

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


def read_export(body: bytes, media_type: str) -> ExportMetricsServiceRequest:
    """
    Return the request that a body is.

    Raises:
        Misuse: it is none; fields that are not known are passed over, as OTLP demands.
    """
    request = ExportMetricsServiceRequest()
    try:
        if media_type == JSON:
            Parse(body, request, ignore_unknown_fields=True)
        else:
            request.ParseFromString(body)
    except (DecodeError, ParseError, UnicodeDecodeError, RecursionError) as error:
        raise Misuse(f"the body is no export of OTLP metrics: {error}") from error
    return request


def answer_body(media_type: str, *, refused: int, message: str) -> bytes:
    """Return the answer: empty where all was taken, a partial success otherwise."""
    answer = ExportMetricsServiceResponse()
    if refused:
        partial = ExportMetricsPartialSuccess(rejected_data_points=refused, error_message=message)
        answer.partial_success.CopyFrom(partial)
    if media_type == JSON:
        return MessageToJson(answer, indent=None).encode()
    return answer.SerializeToString()
