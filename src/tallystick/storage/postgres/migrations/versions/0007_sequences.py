"""Numbers of senders: how far the log was looked at for them, and what is known of each sender."""

from tallystick.storage.postgres.migrations import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# `numbering` is [first, settled, mark, marked_at in microseconds], null where nothing is numbered.
SEQUENCES = """
ALTER TABLE source ADD COLUMN read_through bigint NOT NULL DEFAULT 0 CHECK (read_through >= 0);
ALTER TABLE source_partition ADD COLUMN numbering jsonb;
GRANT UPDATE (read_through) ON source TO tallystick_app;
GRANT UPDATE (numbering) ON source_partition TO tallystick_app;
CREATE INDEX source_partition_sender ON source_partition (workspace_id, partition)
  WHERE numbering IS NOT NULL;
"""


def upgrade() -> None:
    run_script(SEQUENCES)
