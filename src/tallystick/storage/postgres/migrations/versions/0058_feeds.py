"""Feeds: the order in which messages of the outbox are told to those who ask."""

from tallystick.storage.postgres.migrations import run_script

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

# Null until somebody reads a feed: then what is committed is numbered, behind all that has one.
FEEDS = """
ALTER TABLE outbox ADD COLUMN feed_number bigint;
CREATE UNIQUE INDEX outbox_feed ON outbox (workspace_id, feed_number);
CREATE INDEX outbox_not_fed ON outbox (workspace_id, created_at, id) WHERE feed_number IS NULL;
GRANT UPDATE (feed_number) ON outbox TO tallystick_app;
"""


def upgrade() -> None:
    run_script(FEEDS)
