"""What contracts agree on in time: trials, quantities, and dated changes."""

from tallystick.storage.postgres.migrations import run_script

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# A change is never altered: it stands or was taken back. Of several at one instant the one agreed
# on last, by number, holds.
CHANGES = """
ALTER TABLE subscription
  ADD COLUMN trial_end timestamptz,
  ADD COLUMN quantities jsonb NOT NULL DEFAULT '{}';

CREATE TABLE subscription_change (
  workspace_id  text NOT NULL,
  subscription  text NOT NULL,
  id            text NOT NULL,
  at            timestamptz NOT NULL,
  number        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  document      jsonb NOT NULL,
  withdrawn     boolean NOT NULL DEFAULT false,
  PRIMARY KEY (workspace_id, subscription, id),
  FOREIGN KEY (workspace_id, subscription) REFERENCES subscription
);
SELECT protect('subscription_change');
GRANT SELECT, INSERT, UPDATE (withdrawn, number) ON subscription_change TO tallystick_app;
"""


def upgrade() -> None:
    run_script(CHANGES)
