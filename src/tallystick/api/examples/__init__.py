"""The examples of the OpenAPI document: of requests, and of answers."""

from tallystick.api.examples.answers import ANSWERS
from tallystick.api.examples.requests import EVENT, REQUESTS, TRIGGER

__all__ = ["ANSWERS", "EVENT", "REQUESTS", "TRIGGER"]
