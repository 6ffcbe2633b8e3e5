"""What is held follows the limits that come to stand over it, and so does what exists of levels."""

from tallystick.storage.postgres.migrations import run_script

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

# Who asked for what is held or exists decides which limits it stands against. Of units from before
# that is not known: whoever holds the limit asked.
MOVED = """
GRANT DELETE, UPDATE (account, feature, starts) ON quota_hold TO tallystick_app;
CREATE INDEX quota_hold_asked ON quota_hold (workspace_id, expires_at, asked_by)
  WHERE closed_at IS NULL AND part = 0;

ALTER TABLE quota_unit ADD COLUMN asked_by text;
GRANT UPDATE (account) ON quota_unit TO tallystick_app;
CREATE INDEX quota_unit_asked ON quota_unit (workspace_id, asked_by) WHERE asked_by IS NOT NULL;
"""

# What is granted to an account decides what those above it count, up to its payer: a change of it
# is one of theirs. Who pays for itself, now and ever, concerns nobody above.
STAMPS = """
CREATE OR REPLACE FUNCTION stamp_account(stamped_workspace text, stamped text) RETURNS void
LANGUAGE sql AS $$
  WITH RECURSIVE line (key) AS (
    SELECT stamped
    UNION
    SELECT above.key FROM line
    JOIN account AS own ON own.workspace_id = stamped_workspace AND own.key = line.key
    CROSS JOIN LATERAL (
      SELECT own.parent AS key
      UNION ALL SELECT moved ->> 'parent' FROM jsonb_array_elements(own.payer_changes) AS moved
    ) AS above
    WHERE above.key IS NOT NULL AND NOT (own.invoiced AND own.payer_changes = '[]')
  )
  INSERT INTO quota_stamp AS known (workspace_id, account, stamp)
  SELECT stamped_workspace, key, 1 FROM line ORDER BY key
  ON CONFLICT (workspace_id, account) DO UPDATE SET stamp = known.stamp + 1
$$;
"""


def upgrade() -> None:
    run_script(MOVED)
    run_script(STAMPS)
