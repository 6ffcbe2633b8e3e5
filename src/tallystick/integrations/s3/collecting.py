"""The loop of a watched bucket."""

import threading

from tallystick.integrations.files import FileMapping, mapping_from_document
from tallystick.integrations.s3.bucket import WatchedBucket, open_bucket
from tallystick.integrations.sources import BucketSource, Desk
from tallystick.kernel import Misuse, Refused


def collect_s3(source: BucketSource, *, desk: Desk, stopping: threading.Event) -> None:
    """
    Count the objects of a bucket until told to stop.

    Raises:
        EngineUnavailable: the bucket or the server cannot be reached.
    """
    bucket = WatchedBucket(
        store=open_bucket(source, desk.surroundings),
        prefix=source.prefix,
        pattern=source.pattern,
        mapping=None if source.mapping is None else _mapping(source.mapping),
        desk=desk,
    )
    bucket.remember()
    while not stopping.is_set():
        bucket.round()
        stopping.wait(source.poll_seconds)


def _mapping(document: dict[str, object]) -> FileMapping:
    outcome = mapping_from_document(document)
    if isinstance(outcome, Refused):
        raise Misuse(outcome.problems[0].message)
    return outcome.value
