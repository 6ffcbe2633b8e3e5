"""Alert rules: watches that somebody declared, each with what was told by it."""

from tallystick.storage.postgres.migrations import run_script

revision = "0055"
down_revision = "0058"
branch_labels = None
depends_on = None

# What is known of limits holds the rules that watch them, so that a rule that changes sets a stamp.
# The rule of whoever declares none has the empty key.
RULES = """
CREATE TABLE alert_rule (
  workspace_id  text NOT NULL REFERENCES workspace,
  key           text NOT NULL,
  document      jsonb NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
SELECT protect('alert_rule');
GRANT SELECT, INSERT, UPDATE (document) ON alert_rule TO tallystick_app;
CREATE TRIGGER stamped AFTER INSERT OR UPDATE ON alert_rule
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_everybody();

ALTER TABLE usage_watch ADD COLUMN rule text NOT NULL DEFAULT '';
ALTER TABLE usage_watch DROP CONSTRAINT usage_watch_pkey;
ALTER TABLE usage_watch ADD PRIMARY KEY (workspace_id, account, feature, rule);
"""


def upgrade() -> None:
    run_script(RULES)
