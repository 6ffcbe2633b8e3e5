"""
Which collector reads which kind of source.

Collectors are loaded when they are used, by name, so that a computer which watches a folder does
not carry the libraries of brokers.
"""

import importlib
import threading
from typing import Protocol, cast

from tallystick.integrations.sources import Definition, Desk, kind_of
from tallystick.kernel import Misuse

COLLECTORS = {
    "folder": "tallystick.integrations.watched_folder:collect_folder",
    "s3": "tallystick.integrations.s3:collect_s3",
    "nats": "tallystick.integrations.nats:collect_nats",
    "prometheus": "tallystick.integrations.prometheus:collect_prometheus",
    "kafka": "tallystick.integrations.kafka:collect_kafka",
}


class Collect(Protocol):
    """Reads a source until told to stop; raises what it cannot go on with."""

    def __call__(self, source: Definition, /, *, desk: Desk, stopping: threading.Event) -> None: ...


def collector_of(definition: Definition) -> Collect:
    """
    Return the collector of a source.

    Raises:
        Misuse: the source is of a kind that sends to the server by itself.
    """
    kind = kind_of(definition)
    if kind not in COLLECTORS:
        message = f"a source of kind {kind} sends to the server by itself; nothing is to be run"
        raise Misuse(message)
    module, _, name = COLLECTORS[kind].partition(":")
    return cast(Collect, getattr(importlib.import_module(module), name))
