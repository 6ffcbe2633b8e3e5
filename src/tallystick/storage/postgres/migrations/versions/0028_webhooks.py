"""Webhooks: addresses that are told of what happens."""

from tallystick.storage.postgres.migrations import run_script

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# A webhook that was removed stays, so that what it was told can be read in the outbox.
WEBHOOKS = """
CREATE TABLE webhook (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  url           text NOT NULL,
  topics        text[] NOT NULL,
  version       integer NOT NULL CHECK (version > 0),
  created_at    timestamptz NOT NULL,
  rotated_at    timestamptz,
  removed_at    timestamptz,
  PRIMARY KEY (workspace_id, id)
);
SELECT protect('webhook');
GRANT SELECT, INSERT, UPDATE (version, rotated_at, removed_at) ON webhook TO tallystick_app;
"""


def upgrade() -> None:
    run_script(WEBHOOKS)
