"""The wire form of an event: CloudEvents 1.0 attributes, their limits, and what is refused."""

import re
from typing import Annotated, Literal

import msgspec

ID_LENGTH_MAX = 256
SOURCE_LENGTH_MAX = 512
TYPE_LENGTH_MAX = 256
SUBJECT_LENGTH_MAX = 512
SEQUENCE_LENGTH_MAX = 64
DATA_BYTES_MAX = 64 * 1024
DATA_DEPTH_MAX = 32
EVENTS_MAX = 50_000

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a text that is not JSON, not UTF-8, or nested without end."""

NO_DATA = msgspec.Raw(b"{}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
EXTENSION_NAME = re.compile(r"[a-z0-9]{1,20}")

_Limited = Annotated[str, msgspec.Meta(max_length=1024)]


class WireEvent(msgspec.Struct, gc=False, kw_only=True):
    """
    The attributes that Tallystick reads; extension attributes beside them are let pass, not kept.

    `data` stays as bytes until a meter asks for it, so that no number passes through a float.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LENGTH_MAX)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=SOURCE_LENGTH_MAX)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=TYPE_LENGTH_MAX)]
    subject: Annotated[str, msgspec.Meta(max_length=SUBJECT_LENGTH_MAX)] = ""
    time: _Limited = ""
    sequence: Annotated[str, msgspec.Meta(max_length=SEQUENCE_LENGTH_MAX)] = ""
    datacontenttype: _Limited = ""
    data: msgspec.Raw = NO_DATA


ATTRIBUTES = frozenset(field.name for field in msgspec.structs.fields(WireEvent))


def is_json(content_type: str) -> bool:
    """Tell whether a data content type says JSON; none at all does."""
    media = content_type.partition(";")[0].strip().lower()
    return media in {"", "application/json"} or media.endswith("+json")
