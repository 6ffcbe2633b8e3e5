"""Answers that a caller may keep: with a tag, and 304 for who has it already (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

TAG_DIGITS = 32
# Kept by whoever asked, and shown again only after asking whether it still holds.
ASK_AGAIN = "private, no-cache"

T = TypeVar("T", bound=msgspec.Struct)

IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="Tags of answers that are held already."),
]

_encoder = msgspec.json.Encoder(order="deterministic")


def conditional(answer: T, *, held: str | None, cache: str = ASK_AGAIN) -> Response[Any]:
    """
    Return an answer with its tag, or 304 without it where the caller holds the same.

    Args:
        answer: equal answers have equal tags.
        held: ``If-None-Match`` as it was sent.
        cache: ``Cache-Control``.
    """
    tag = f'"{hashlib.sha256(_encoder.encode(answer)).hexdigest()[:TAG_DIGITS]}"'
    headers = {"etag": tag, "cache-control": cache, "vary": "authorization"}
    if _holds(held, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(answer, headers=headers)


def _holds(held: str | None, tag: str) -> bool:
    """Tell whether a tag is among those sent; weak ones compare as strong ones do."""
    if held is None:
        return False
    sent = {each.strip().removeprefix("W/") for each in held.split(",")}
    return tag in sent or sent == {"*"}
