"""Taxes: rules, taxpayers, what lines bear, and what registers said of tax numbers."""

from tallystick.storage.postgres.migrations import run_script

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# A check is a fact about one moment: a later one stands beside it.
TAX = """
CREATE TABLE tax_rule (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('tax_rule');
GRANT SELECT, INSERT, UPDATE (document) ON tax_rule TO tallystick_app;

CREATE TABLE tax_id_check (
  workspace_id  text NOT NULL REFERENCES workspace,
  tax_id        text NOT NULL,
  checked_at    timestamptz NOT NULL,
  state         text NOT NULL CHECK (state IN ('valid', 'invalid', 'unavailable')),
  source        text NOT NULL,
  reference     text NOT NULL,
  message       text NOT NULL,
  PRIMARY KEY (workspace_id, tax_id, checked_at)
);
SELECT protect('tax_id_check');
SELECT keep_unchanged('tax_id_check');
GRANT SELECT, INSERT ON tax_id_check TO tallystick_app;

ALTER TABLE account ADD COLUMN tax jsonb NOT NULL DEFAULT '{}';
GRANT UPDATE (tax) ON account TO tallystick_app;

ALTER TABLE invoice_line ADD COLUMN taxes jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    run_script(TAX)
