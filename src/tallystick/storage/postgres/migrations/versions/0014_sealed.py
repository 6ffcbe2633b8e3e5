"""Removal of events: what was decided, and what bills rest on in their place."""

from tallystick.storage.postgres.migrations import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# A removal stands before it is carried out, so that one that was broken off is taken up again.
REMOVAL = """
CREATE TABLE retention_removal (
  workspace_id    text NOT NULL REFERENCES workspace,
  id              text NOT NULL,
  event_type      text NOT NULL,
  removed_before  timestamptz NOT NULL,
  through         bigint NOT NULL CHECK (through > 0),
  held            jsonb NOT NULL,
  kept            bigint[] NOT NULL,
  decided_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  events          bigint CHECK (events >= 0),
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX retention_removal_unfinished ON retention_removal (workspace_id)
  WHERE finished_at IS NULL;
SELECT protect('retention_removal');
GRANT SELECT, INSERT, UPDATE (finished_at, events) ON retention_removal TO tallystick_app;

CREATE TABLE sealed_usage (
  workspace_id  text NOT NULL REFERENCES workspace,
  subscription  text NOT NULL,
  document      text NOT NULL,
  price         text NOT NULL,
  window_start  timestamptz NOT NULL,
  window_end    timestamptz NOT NULL CHECK (window_end > window_start),
  position      bigint NOT NULL,
  digest        text NOT NULL,
  content       bytea NOT NULL,
  PRIMARY KEY (workspace_id, subscription, document, price, window_start),
  FOREIGN KEY (workspace_id, subscription) REFERENCES subscription
);
SELECT protect('sealed_usage');
SELECT keep_unchanged('sealed_usage');
GRANT SELECT, INSERT ON sealed_usage TO tallystick_app;
"""


def upgrade() -> None:
    run_script(REMOVAL)
