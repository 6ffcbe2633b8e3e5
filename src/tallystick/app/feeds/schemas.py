"""The published JSON Schema (draft 2020-12) of each kind that a feed tells or takes."""

from collections.abc import Mapping
from functools import cache

import msgspec

from tallystick.app.facts import fact_schema
from tallystick.app.feeds.named import FEEDS, STANDING, TOLD, USAGE_METRICS
from tallystick.app.feeds.taken_items import TAKEN
from tallystick.reports import usage_metrics_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def feed_schema(name: str) -> Mapping[str, object]:
    """
    Return the schemas of a feed: of each kind that it tells, that stands, and that it takes.

    Raises:
        KeyError: there is no feed of this name.
    """
    feed = FEEDS[name]
    return {
        "$schema": DIALECT,
        "$id": f"urn:tallystick:feed:{name}:1",
        "title": name,
        "description": feed.summary,
        "told": {topic: _told(topic) for topic in feed.told},
        "standing": {kind: _standing(kind) for kind in feed.standing},
        "taken": {kind: msgspec.json.schema(TAKEN[kind]) for kind in feed.taken},
    }


def _told(topic: str) -> Mapping[str, object]:
    try:
        return fact_schema(topic)
    except KeyError:
        return msgspec.json.schema(TOLD[topic])


def _standing(kind: str) -> Mapping[str, object]:
    return usage_metrics_schema() if kind == USAGE_METRICS else msgspec.json.schema(STANDING[kind])
