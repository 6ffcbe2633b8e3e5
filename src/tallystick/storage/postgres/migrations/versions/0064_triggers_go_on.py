"""Triggers that broke off go on by themselves: who sent them, how often, and when next."""

from tallystick.storage.postgres.migrations import run_script

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

# What was sent before has no sender, and goes on when it is sent again.
GOING_ON = """
ALTER TABLE workflow_trigger
  ADD COLUMN sender jsonb,
  ADD COLUMN tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  ADD COLUMN begun_at timestamptz,
  ADD COLUMN next_at timestamptz;
CREATE INDEX workflow_trigger_open ON workflow_trigger (workspace_id, number)
  WHERE outcome IS NULL AND problems IS NULL;
GRANT UPDATE (sender, tries, begun_at, next_at) ON workflow_trigger TO tallystick_app;
SELECT open_to('workflow_trigger', 'tallystick_runner');
GRANT SELECT (workspace_id, outcome, problems, sender, begun_at, next_at) ON workflow_trigger
  TO tallystick_runner;
"""


def upgrade() -> None:
    run_script(GOING_ON)
