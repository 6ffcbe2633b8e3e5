"""Changes of payer: dated with the account, and documents of one contract to several payers."""

from tallystick.storage.postgres.migrations import run_script

revision = "0045"
down_revision = "0051"
branch_labels = None
depends_on = None

# What two payers are billed of one contract's period are two documents.
PAYERS = """
ALTER TABLE account ADD COLUMN payer_changes jsonb NOT NULL DEFAULT '[]';
GRANT UPDATE (payer_changes) ON account TO tallystick_app;

DROP INDEX invoice_of_period;
CREATE UNIQUE INDEX invoice_of_period
  ON invoice (workspace_id, subscription, period_start, purpose, revision, account)
  WHERE purpose IN ('opening', 'period', 'correction', 'threshold');
"""


def upgrade() -> None:
    run_script(PAYERS)
