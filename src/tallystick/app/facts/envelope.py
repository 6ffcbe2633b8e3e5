"""
Facts leave as CloudEvents 1.0 in structured mode, with the Distributed Tracing extension.

    {"specversion": "1.0", "id": ..., "source": "/workspaces/acme", "type": "InvoiceGenerated",
     "time": ..., "dataschema": ..., "traceparent": "00-<trace>-<span>-01", "data": {...}}

The id is that of the fact for every receiver and attempt, so (source, id) tells repeats.
"""

import re
from collections.abc import Mapping
from hashlib import sha256

from tallystick.app.facts.schemas import schema_id
from tallystick.app.outbox import Message
from tallystick.kernel import instant_text

CLOUD_EVENT = "application/cloudevents+json"
_TRACE = re.compile(r"(?!0{32})[0-9a-f]{32}")


def cloud_event(message: Message) -> Mapping[str, object]:
    """Return the envelope of a message whose topic is the name of a fact."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": message.id,
        "source": f"/workspaces/{message.workspace}",
        "type": message.topic,
        "time": instant_text(message.due_at),
        "datacontenttype": "application/json",
        "dataschema": schema_id(message.topic),
        "data": message.payload,
    }
    if _TRACE.fullmatch(message.trace_id):
        event["traceparent"] = _traceparent(message)
    return event


def _traceparent(message: Message) -> str:
    """Return the trace of the request, with a parent that names this message at every attempt."""
    parent = sha256(message.id.encode()).hexdigest()[:16]
    return f"00-{message.trace_id}-{parent}-01"
