"""Ages of dead letters by workspace: each has its own present, by which its letters grow old."""

from tallystick.storage.postgres.migrations import run_script

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

AGES = """
DROP INDEX rejected_event_age;
CREATE INDEX rejected_event_age ON rejected_event (workspace_id, received_at);
CREATE INDEX rejected_event_settled ON rejected_event (workspace_id, received_at)
  WHERE replayed_at IS NOT NULL OR discarded_at IS NOT NULL;
"""


def upgrade() -> None:
    run_script(AGES)
