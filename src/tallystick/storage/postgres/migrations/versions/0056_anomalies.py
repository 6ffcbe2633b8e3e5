"""Anomalies: patterns of usage, investigations, and restrictions that slow."""

from tallystick.storage.postgres.migrations import run_script

revision = "0056"
down_revision = "0054"
branch_labels = None
depends_on = None

# A pattern is what is remembered of one series: it is made of events, and can be made anew. An
# investigation is a fact, and so is what came of it.
ANOMALIES = """
CREATE TABLE usage_pattern (
  workspace_id  text NOT NULL REFERENCES workspace,
  account       text NOT NULL,
  meter         text NOT NULL,
  pattern       jsonb NOT NULL,
  next_hour     timestamptz NOT NULL,
  most          numeric,
  PRIMARY KEY (workspace_id, meter, account),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
CREATE INDEX usage_pattern_due ON usage_pattern (workspace_id, meter, next_hour);
SELECT protect('usage_pattern');
GRANT SELECT, INSERT, DELETE, UPDATE (pattern, next_hour, most) ON usage_pattern TO tallystick_app;

CREATE TABLE investigation (
  workspace_id  text NOT NULL REFERENCES workspace,
  id            text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  account       text NOT NULL,
  resource      text NOT NULL,
  source        text NOT NULL,
  document      jsonb NOT NULL,
  opened_at     timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, account) REFERENCES account
);
CREATE INDEX investigation_account ON investigation (workspace_id, account, number);
CREATE INDEX investigation_number ON investigation (workspace_id, number);
SELECT protect('investigation');
SELECT keep_unchanged('investigation');
GRANT SELECT, INSERT ON investigation TO tallystick_app;

CREATE TABLE investigation_end (
  workspace_id      text NOT NULL REFERENCES workspace,
  investigation_id  text NOT NULL,
  response          text NOT NULL,
  resolved_by       text NOT NULL,
  resolved_at       timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, investigation_id),
  FOREIGN KEY (workspace_id, investigation_id) REFERENCES investigation
);
SELECT protect('investigation_end');
SELECT keep_unchanged('investigation_end');
GRANT SELECT, INSERT ON investigation_end TO tallystick_app;
"""

# A restriction may slow a feature in place of lowering its limit.
SLOWING = """
ALTER TABLE restriction ADD COLUMN throttle jsonb
  CHECK (throttle IS NULL OR (feature IS NOT NULL AND most IS NULL));
"""

# A history asks for the alerts of a period.
HISTORY = "CREATE INDEX usage_alert_opened ON usage_alert (workspace_id, opened_at);"


def upgrade() -> None:
    run_script(ANOMALIES)
    run_script(SLOWING)
    run_script(HISTORY)
