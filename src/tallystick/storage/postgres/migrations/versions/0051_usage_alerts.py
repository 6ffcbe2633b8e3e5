"""Usage alerts: what passed a threshold or met a limit, and what people did about it."""

from tallystick.storage.postgres.migrations import run_script

revision = "0051"
down_revision = "0046"
branch_labels = None
depends_on = None

# What was told of a counter stands in usage_watch, and is written in the transaction that changes
# the counter. Alerts and what people say of them are facts: they are added and never change.
ALERTS = """
CREATE TABLE usage_watch (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  feature       text NOT NULL,
  state         jsonb NOT NULL,
  PRIMARY KEY (workspace_id, account, feature),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
SELECT protect('usage_watch');
GRANT SELECT, INSERT, UPDATE (state) ON usage_watch TO tallystick_app;

CREATE TABLE usage_alert (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  account       text NOT NULL,
  feature       text NOT NULL,
  kind          text NOT NULL,
  severity      text NOT NULL,
  document      jsonb NOT NULL,
  opened_at     timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
CREATE INDEX usage_alert_account ON usage_alert (workspace_id, account, number);
CREATE INDEX usage_alert_number ON usage_alert (workspace_id, number);
SELECT protect('usage_alert');
SELECT keep_unchanged('usage_alert');
GRANT SELECT, INSERT ON usage_alert TO tallystick_app;

CREATE TABLE usage_alert_response (
  workspace_id  text NOT NULL REFERENCES workspace,
  alert_id      text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  kind          text NOT NULL CHECK (kind IN ('acknowledged', 'resolved')),
  response      text NOT NULL,
  responded_by  text NOT NULL,
  responded_at  timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, alert_id, kind),
  FOREIGN KEY (workspace_id, alert_id) REFERENCES usage_alert
);
SELECT protect('usage_alert_response');
SELECT keep_unchanged('usage_alert_response');
GRANT SELECT, INSERT ON usage_alert_response TO tallystick_app;
"""


def upgrade() -> None:
    run_script(ALERTS)
