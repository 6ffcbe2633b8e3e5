"""Dead letters: their type, where they went, why they were given up, and until when they stay."""

from tallystick.storage.postgres.migrations import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MENDING = """
ALTER TABLE rejected_event
  ADD COLUMN type text NOT NULL DEFAULT '',
  ADD COLUMN replayed_position bigint CHECK (replayed_position > 0),
  ADD COLUMN discarded_at timestamptz,
  ADD COLUMN discard_reason text NOT NULL DEFAULT '',
  ADD CHECK (num_nonnulls(replayed_at, discarded_at) < 2);
CREATE INDEX rejected_event_name ON rejected_event (workspace_id, event_id);
CREATE INDEX rejected_event_age ON rejected_event (received_at);
CREATE INDEX rejected_event_waiting ON rejected_event (workspace_id, id)
  WHERE replayed_at IS NULL AND discarded_at IS NULL;
SELECT open_to('rejected_event', 'tallystick_runner');
GRANT UPDATE (replayed_position, discarded_at, discard_reason) ON rejected_event TO tallystick_app;
GRANT SELECT, DELETE ON rejected_event TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(MENDING)
