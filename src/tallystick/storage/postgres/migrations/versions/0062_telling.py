"""Alert rules that end, groups of alerts that are told at once, and who wants no letters."""

from tallystick.storage.postgres.migrations import run_script

revision = "0062"
down_revision = "0059"
branch_labels = None
depends_on = None

# What was told by a rule goes with it, so that another one of its key begins afresh; its alerts
# stay.
ENDING = """
DROP TRIGGER stamped ON alert_rule;
CREATE TRIGGER stamped AFTER INSERT OR UPDATE OR DELETE ON alert_rule
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_everybody();
GRANT DELETE ON alert_rule, usage_watch TO tallystick_app;
"""

# The group that alerts of a rule join now, of an account or (empty) of all. Whoever joins holds the
# row until the alert is committed, and whoever tells of the group takes the row away: no alert
# joins a group that was told.
GROUPS = """
CREATE TABLE alert_group (
  workspace_id  text NOT NULL REFERENCES workspace,
  rule          text NOT NULL,
  account       text NOT NULL,
  id            text NOT NULL,
  ends_at       timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, rule, account)
);
SELECT protect('alert_group');
GRANT SELECT, INSERT, DELETE, UPDATE (id, ends_at) ON alert_group TO tallystick_app;

ALTER TABLE usage_alert ADD COLUMN told_in text NOT NULL DEFAULT '';
CREATE INDEX usage_alert_told_in ON usage_alert (workspace_id, told_in) WHERE told_in <> '';
"""

DECLINED = """
CREATE TABLE declined_letters (
  workspace_id  text NOT NULL REFERENCES workspace,
  address       text NOT NULL,
  declined_at   timestamptz NOT NULL,
  declined_by   text NOT NULL,
  PRIMARY KEY (workspace_id, address)
);
SELECT protect('declined_letters');
GRANT SELECT, INSERT, DELETE ON declined_letters TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ENDING)
    run_script(GROUPS)
    run_script(DECLINED)
