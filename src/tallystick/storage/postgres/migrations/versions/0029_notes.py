"""Notes that are ordered on documents: voids, credits, and what takes the place of the voided."""

from tallystick.storage.postgres.migrations import run_script

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Several notes of one purpose stand on documents of one period; their ids keep them apart.
# Documents of one instant are read in the order in which they were issued.
NOTES = """
ALTER TABLE invoice DROP CONSTRAINT invoice_purpose_check;
ALTER TABLE invoice ADD CONSTRAINT invoice_purpose_check
  CHECK (purpose IN ('opening', 'period', 'correction', 'void', 'credit'));
DO $$
DECLARE
  one_for_each text;
BEGIN
  SELECT conname INTO STRICT one_for_each FROM pg_constraint
  WHERE conrelid = 'invoice'::regclass AND contype = 'u'
    AND pg_get_constraintdef(oid) LIKE '%period_start, purpose, revision)';
  EXECUTE format('ALTER TABLE invoice DROP CONSTRAINT %I', one_for_each);
END
$$;
CREATE UNIQUE INDEX invoice_of_period
  ON invoice (workspace_id, subscription, period_start, purpose, revision)
  WHERE purpose IN ('opening', 'period', 'correction');
CREATE UNIQUE INDEX invoice_note ON invoice (workspace_id, reference, purpose, revision)
  WHERE purpose IN ('void', 'credit');
CREATE UNIQUE INDEX invoice_voided ON invoice (workspace_id, reference) WHERE purpose = 'void';

CREATE SEQUENCE invoice_issue_order;
GRANT USAGE ON SEQUENCE invoice_issue_order TO tallystick_app;
ALTER TABLE invoice
  ADD COLUMN disposition text CHECK (disposition IN ('rebill', 'waive')),
  ADD COLUMN credit_kind text
    CHECK (credit_kind IN ('correction', 'goodwill', 'dispute', 'refund')),
  ADD COLUMN replaces text,
  ADD COLUMN issue_order bigint NOT NULL DEFAULT 0,
  ADD FOREIGN KEY (workspace_id, replaces) REFERENCES invoice,
  ADD CHECK ((purpose = 'void') = (disposition IS NOT NULL)),
  ADD CHECK ((purpose = 'credit') = (credit_kind IS NOT NULL));
GRANT UPDATE (issue_order) ON invoice TO tallystick_app;
ALTER TABLE invoice_line
  ADD COLUMN kind text NOT NULL DEFAULT 'derived' CHECK (kind IN ('derived', 'manual'));
"""


def upgrade() -> None:
    run_script(NOTES)
