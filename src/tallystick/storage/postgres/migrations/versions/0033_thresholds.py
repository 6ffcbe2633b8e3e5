"""Invoices within a period, for thresholds of usage."""

from tallystick.storage.postgres.migrations import run_script

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

THRESHOLDS = """
ALTER TABLE invoice DROP CONSTRAINT invoice_purpose_check;
ALTER TABLE invoice ADD CONSTRAINT invoice_purpose_check
  CHECK (purpose IN
    ('opening', 'period', 'correction', 'threshold', 'void', 'credit', 'one_off'));
DROP INDEX invoice_of_period;
CREATE UNIQUE INDEX invoice_of_period
  ON invoice (workspace_id, subscription, period_start, purpose, revision)
  WHERE purpose IN ('opening', 'period', 'correction', 'threshold');
"""


def upgrade() -> None:
    run_script(THRESHOLDS)
