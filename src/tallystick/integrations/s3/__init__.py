"""Objects of an S3-compatible bucket."""

from tallystick.integrations.s3.bucket import WatchedBucket, open_bucket
from tallystick.integrations.s3.collecting import collect_s3

__all__ = ["WatchedBucket", "collect_s3", "open_bucket"]
