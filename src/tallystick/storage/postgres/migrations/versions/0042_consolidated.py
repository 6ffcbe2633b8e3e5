"""Consolidated documents: several contracts on one, each line of a section."""

from tallystick.storage.postgres.migrations import run_script

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# A line of a section says which document of its contract it stands for.
CONSOLIDATED = """
ALTER TABLE invoice DROP CONSTRAINT invoice_purpose_check;
ALTER TABLE invoice ADD CONSTRAINT invoice_purpose_check CHECK (purpose IN
  ('opening', 'period', 'correction', 'threshold', 'void', 'credit', 'one_off', 'consolidated'));
DO $$
DECLARE
  of_contract text;
BEGIN
  SELECT conname INTO STRICT of_contract FROM pg_constraint
  WHERE conrelid = 'invoice'::regclass AND contype = 'c'
    AND pg_get_constraintdef(oid) LIKE '%subscription IS NOT NULL%';
  EXECUTE format('ALTER TABLE invoice DROP CONSTRAINT %I', of_contract);
END
$$;
ALTER TABLE invoice ADD CONSTRAINT invoice_of_contract_check CHECK
  (subscription IS NOT NULL OR purpose IN ('void', 'credit', 'one_off', 'consolidated'));
ALTER TABLE invoice_line
  ADD COLUMN purpose text,
  ADD COLUMN opens timestamptz,
  ADD COLUMN closes timestamptz,
  ADD CHECK (num_nonnulls(purpose, opens, closes) IN (0, 3));
CREATE INDEX invoice_line_of_section ON invoice_line (workspace_id, subscription)
  WHERE purpose IS NOT NULL;
CREATE INDEX invoice_line_closing ON invoice_line (workspace_id, closes)
  WHERE purpose IS NOT NULL;

ALTER TABLE account
  ADD COLUMN consolidated jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN least_invoice jsonb;
GRANT UPDATE (consolidated, least_invoice) ON account TO tallystick_app;
"""


def upgrade() -> None:
    run_script(CONSOLIDATED)
