"""Feeds: what other systems are told of tenants, and say of them."""

from tallystick.app.feeds.named import FEEDS, Feed, FeedName
from tallystick.app.feeds.read_standing import (
    StandingItem,
    StandingPage,
    StandingQuestion,
    StandingSources,
    read_standing,
)
from tallystick.app.feeds.read_told import FeedPage, feed_of, read_told
from tallystick.app.feeds.schemas import feed_schema
from tallystick.app.feeds.take_item import take_item

__all__ = [
    "FEEDS",
    "Feed",
    "FeedName",
    "FeedPage",
    "StandingItem",
    "StandingPage",
    "StandingQuestion",
    "StandingSources",
    "feed_of",
    "feed_schema",
    "read_standing",
    "read_told",
    "take_item",
]
