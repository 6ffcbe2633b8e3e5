"""Documents of no contract, and documents that were written off."""

from tallystick.storage.postgres.migrations import run_script

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# Lines of a one-off document name the sale, which is no subscription; its notes do too.
ONE_OFF = """
ALTER TABLE invoice ALTER COLUMN subscription DROP NOT NULL;
ALTER TABLE invoice DROP CONSTRAINT invoice_purpose_check;
ALTER TABLE invoice ADD CONSTRAINT invoice_purpose_check
  CHECK (purpose IN ('opening', 'period', 'correction', 'void', 'credit', 'one_off'));
ALTER TABLE invoice ADD CHECK
  (subscription IS NOT NULL OR purpose IN ('void', 'credit', 'one_off'));

CREATE TABLE invoice_write_off (
  workspace_id    text NOT NULL REFERENCES workspace,
  invoice_id      text NOT NULL,
  minor           numeric(60, 0) NOT NULL CHECK (minor > 0),
  reason          text NOT NULL,
  written_off_at  timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, invoice_id),
  FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice
);
SELECT protect('invoice_write_off');
SELECT keep_unchanged('invoice_write_off');
GRANT SELECT, INSERT ON invoice_write_off TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ONE_OFF)
