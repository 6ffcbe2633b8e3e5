"""Disputes of payers, as facts."""

from tallystick.storage.postgres.migrations import run_script

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# The row of a dispute is locked by whoever takes a step; it is never changed.
DISPUTES = """
CREATE TABLE dispute (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  invoice_id    text NOT NULL,
  account       text NOT NULL,
  lines         text[] NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice
);
CREATE INDEX dispute_invoice ON dispute (workspace_id, invoice_id);
SELECT protect('dispute');
SELECT keep_unchanged('dispute');
GRANT SELECT, INSERT, UPDATE (id) ON dispute TO tallystick_app;

CREATE TABLE dispute_entry (
  workspace_id  text NOT NULL REFERENCES workspace,
  dispute_id    text NOT NULL,
  ordinal       integer NOT NULL CHECK (ordinal >= 0),
  step          text NOT NULL CHECK (step IN ('opened', 'evidence', 'resolved', 'reopened')),
  at            timestamptz NOT NULL,
  actor         text NOT NULL,
  text          text NOT NULL,
  note          text,
  PRIMARY KEY (workspace_id, dispute_id, ordinal),
  FOREIGN KEY (workspace_id, dispute_id) REFERENCES dispute,
  FOREIGN KEY (workspace_id, note) REFERENCES invoice
);
SELECT protect('dispute_entry');
SELECT keep_unchanged('dispute_entry');
GRANT SELECT, INSERT ON dispute_entry TO tallystick_app;
"""


def upgrade() -> None:
    run_script(DISPUTES)
