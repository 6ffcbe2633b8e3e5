"""
Request bodies to parsed events, by content type.

| content type                             | body                                              |
|------------------------------------------|---------------------------------------------------|
| `application/cloudevents+json`           | one event (structured mode)                       |
| `application/cloudevents-batch+json`     | an array of events                                |
| `application/json`                       | one event or an array; with `ce-` headers: data   |
| `application/x-ndjson`                   | one event a line                                  |
| `application/vnd.apache.arrow.stream`    | columns, see `arrow_lane`                         |
"""

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from tallystick.app.ingest.arrow_lane import parse_arrow
from tallystick.app.ingest.careful_lane import as_member, parse_carefully
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.plain import parse_array, parse_each, parse_lines
from tallystick.app.ingest.wire import EVENTS_MAX, UNREADABLE
from tallystick.kernel import Misuse

ARROW = "application/vnd.apache.arrow.stream"
NDJSON = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
JSON = frozenset(
    {"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"}
)
SINGLE_BYTES_MAX = 8 * 1024
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class UnknownMediaType(Misuse):
    """The body's content type is none that carries events."""


def parse_body(
    body: bytes, scope: Scope, *, content_type: str, headers: Mapping[str, str]
) -> list[Parsed]:
    """
    Return what a request body holds, in order.

    Raises:
        UnknownMediaType: the content type carries no events.
        Misuse: the body as a whole cannot be read, or holds too many events.

    """
    media = content_type.partition(";")[0].strip().lower()
    if media == ARROW:
        return parse_arrow(body, scope)
    if media in NDJSON:
        return [parse_lines(body, scope) or _parse_lines_carefully(body, scope)]
    if "ce-id" in headers or "ce-specversion" in headers:
        return [parse_carefully([_from_headers(body, headers, media)], scope)]
    if media in JSON:
        return [_parse_json(body, scope)]
    message = f"content type {media[:80]!r} carries no events; use application/cloudevents+json"
    raise UnknownMediaType(message)


def is_single(body: bytes, content_type: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a body is one event in JSON, which may be parsed together with others."""
    media = content_type.partition(";")[0].strip().lower()
    named = "ce-id" in headers or "ce-specversion" in headers
    return media in JSON and not named and len(body) <= SINGLE_BYTES_MAX and body[:1] == b"{"


def _parse_json(body: bytes, scope: Scope) -> Parsed:
    if body.lstrip()[:1] != b"[":
        return parse_each([body], scope) or parse_carefully([body], scope)
    plain = parse_array(body, scope)
    if plain is not None:
        return plain
    try:
        raws = [bytes(raw) for raw in _RAWS.decode(body)]
    except UNREADABLE as error:
        message = f"the body is not a JSON array of events: {error}"
        raise Misuse(message) from error
    return _checked(raws, scope)


def _parse_lines_carefully(body: bytes, scope: Scope) -> Parsed:
    return _checked([line for line in body.split(b"\n") if line.strip()], scope)


def _checked(raws: list[bytes], scope: Scope) -> Parsed:
    if len(raws) > EVENTS_MAX:
        message = f"{len(raws)} events in one request; at most {EVENTS_MAX} are taken"
        raise Misuse(message)
    return parse_carefully(raws, scope)


def _from_headers(body: bytes, headers: Mapping[str, str], media: str) -> bytes:
    """
    Return a binary-mode event in structured form; attributes come from `ce-` headers.

    Header values are percent-encoded UTF-8 (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
    """
    attributes = {
        name[3:].lower(): unquote(value)
        for name, value in headers.items()
        if name.lower().startswith("ce-")
    }
    if media and media not in JSON and not media.endswith("+json"):
        attributes["datacontenttype"] = media
    head = msgspec.json.encode(attributes)
    if not body.strip():
        return head
    return head[:-1] + (b"," if attributes else b"") + b'"data":' + as_member(body) + b"}"
